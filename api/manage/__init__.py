"""The Management API: importing this declares all its operations."""

from api.manage import (
    acts,
    clients,
    invitation_files,
    invitations,
    messages,
    organizations,
    settings,
    users,
    verifications,
    webhooks,
)
from api.manage.frame import api, bp

__all__ = [
    "acts",
    "api",
    "bp",
    "clients",
    "invitation_files",
    "invitations",
    "messages",
    "organizations",
    "settings",
    "users",
    "verifications",
    "webhooks",
]
