"""The console: /admin and below. A module a room."""

from pages.console import (
    admins,
    audit,
    connectors,
    entry,
    export,
    figures,
    messages,
    settings,
    templates,
    transfer,
    users,
)
from pages.console.frame import bp

__all__ = [
    "admins",
    "audit",
    "bp",
    "connectors",
    "entry",
    "export",
    "figures",
    "messages",
    "settings",
    "templates",
    "transfer",
    "users",
]
