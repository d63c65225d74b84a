"""The Management API: importing this declares all its operations."""

from api.manage import clients, invitations, messages, organizations, settings, users, verifications, webhooks
from api.manage.frame import api, bp

__all__ = [
    "api",
    "bp",
    "clients",
    "invitations",
    "messages",
    "organizations",
    "settings",
    "users",
    "verifications",
    "webhooks",
]
