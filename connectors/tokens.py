"""Signed tokens (JWT, RFC 7519): those that prove a provider's notice, and those that a Vonage application signs."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey

TOKEN_LIFE = 900  # seconds, as in Vonage's own libraries
SMALLEST_KEY = 2048  # bits


def signed_claims(token: str, secret: str) -> dict[str, Any] | None:
    """The claims of a token under HMAC-SHA256 (HS256 and no other), whatever their age; None where it is not proved."""
    try:
        return jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"]).claims
    except (JoseError, ValueError, TypeError, RecursionError):  # another algorithm; not Base64; {"crit": 5}; too deep
        return None


def is_rsa_key(pem: str) -> bool:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # no key; one under a password; an unknown kind
        return False
    return isinstance(key, RSAPrivateKey) and key.key_size >= SMALLEST_KEY


def application_token(application_id: str, private_key: str, at: int, nonce: str) -> str:
    """https://developer.vonage.com/en/getting-started/concepts/authentication#json-web-tokens"""
    claims = {"application_id": application_id, "iat": at, "jti": nonce, "exp": at + TOKEN_LIFE}
    header = {"alg": "RS256", "typ": "JWT"}
    return jwt.encode(header, claims, _rsa_key(private_key), algorithms=["RS256"], default_type=None)


@lru_cache(maxsize=8)
def _rsa_key(pem: str) -> RSAKey:
    """Reading a key takes far longer than signing with it."""
    return RSAKey.import_key(pem)
