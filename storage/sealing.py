"""Secrets at rest: AES-256-GCM, bound to their place, so that a sealed value is worth nothing elsewhere."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class SealBrokenError(Exception):
    """A sealed value that none of our keys opens: the key changed, or somebody changed the value."""


def seal(keys: Sequence[bytes], text: str, place: str) -> str:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(keys[0]).encrypt(nonce, text.encode(), place.encode())).decode()


def unseal(keys: Sequence[bytes], sealed: str, place: str) -> str:
    data = base64.b64decode(sealed)
    for key in keys:
        try:
            return AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], place.encode()).decode()
        except InvalidTag:
            continue
    raise SealBrokenError(
        f"The secret {place} cannot be opened with DOORCODE_SECRET_KEY: type it again in the console."
    )
