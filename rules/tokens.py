"""Random values that stand for a browser, a session or a row."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

ID = re.compile("[0-9a-f]{32}")


def new_token() -> str:
    """256 random bits, for what must not be guessed."""
    return secrets.token_urlsafe(32)


def token_after(key: bytes, token: str) -> str:
    """The one that follows a token, the same each time, for who has both the token and the key."""
    return base64.urlsafe_b64encode(hmac.digest(key, token.encode(), "sha256")).rstrip(b"=").decode()


def new_id() -> str:
    """128 random bits, for what names a row."""
    return secrets.token_hex(16)


def hash_token(token: str) -> str:
    """What is stored of a token. A plain hash will do: nobody can try 2**256 tokens."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_id(text: str) -> bool:
    """Whether it has the form of :func:`new_id`. What comes from outside is looked at before the database sees it."""
    return ID.fullmatch(text) is not None
