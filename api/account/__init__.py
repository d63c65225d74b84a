"""The Account API: importing this declares all its operations."""

from api.account import contacts, factors, profile, sessions, verifications
from api.account.frame import api, bp

__all__ = ["api", "bp", "contacts", "factors", "profile", "sessions", "verifications"]
