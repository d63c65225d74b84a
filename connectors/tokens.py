"""Signed tokens (JWT, RFC 7519) that prove a provider's notice."""

from __future__ import annotations

from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey


def signed_claims(token: str, secret: str) -> dict[str, Any] | None:
    """The claims of a token under HMAC-SHA256 (HS256 and no other), whatever their age; None where it is not proved."""
    try:
        return jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"]).claims
    except (JoseError, ValueError, TypeError, RecursionError):  # another algorithm; not Base64; {"crit": 5}; too deep
        return None
