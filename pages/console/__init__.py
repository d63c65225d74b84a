"""The console: /admin and below. A module a room."""

from pages.console import connectors, entry, logs, settings, templates, transfer
from pages.console.frame import bp

__all__ = ["bp", "connectors", "entry", "logs", "settings", "templates", "transfer"]
