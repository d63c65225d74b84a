"""The console: /admin and below. A module a room."""

from pages.console import (
    admins,
    audit,
    clients,
    connectors,
    entry,
    export,
    figures,
    messages,
    settings,
    templates,
    transfer,
    trials,
    upstreams,
    users,
    webhooks,
)
from pages.console.frame import bp

__all__ = [
    "admins",
    "audit",
    "bp",
    "clients",
    "connectors",
    "entry",
    "export",
    "figures",
    "messages",
    "settings",
    "templates",
    "transfer",
    "trials",
    "upstreams",
    "users",
    "webhooks",
]
