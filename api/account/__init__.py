"""The Account API: importing this declares all its operations."""

from api.account import contacts, factors, linked, organizations, profile, sessions, verifications
from api.account.frame import api, bp

__all__ = ["api", "bp", "contacts", "factors", "linked", "organizations", "profile", "sessions", "verifications"]
