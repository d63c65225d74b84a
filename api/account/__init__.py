"""The Account API: importing this declares all its operations."""

from api.account import contacts, verifications
from api.account.frame import api, bp

__all__ = ["api", "bp", "contacts", "verifications"]
