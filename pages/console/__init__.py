"""The console: /admin and below. A module a room."""

from pages.console import admins, connectors, entry, logs, settings, templates, transfer, users
from pages.console.frame import bp

__all__ = ["admins", "bp", "connectors", "entry", "logs", "settings", "templates", "transfer", "users"]
