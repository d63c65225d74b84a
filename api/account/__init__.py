"""The Account API: importing this declares all its operations."""

from api.account import acts, contacts, factors, linked, organizations, profile, sessions, verifications
from api.account.frame import api, bp

__all__ = [
    "acts",
    "api",
    "bp",
    "contacts",
    "factors",
    "linked",
    "organizations",
    "profile",
    "sessions",
    "verifications",
]
