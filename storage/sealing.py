"""Secrets at rest: AES-256-GCM, bound to their place, so that a sealed value is worth nothing elsewhere."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

NONCE_BYTES = 12


def key_of(passphrase: str, salt: bytes) -> bytes:
    """A key from a passphrase (scrypt, RFC 7914, with 32 MB and about 0.1 s)."""
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode())


class SealBrokenError(Exception):
    """A sealed value that none of our keys opens: the key changed, or somebody changed the value."""


def seal(keys: Sequence[bytes], text: str, place: str) -> str:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(keys[0]).encrypt(nonce, text.encode(), place.encode())).decode()


def unseal(keys: Sequence[bytes], sealed: str, place: str) -> str:
    try:
        data = base64.b64decode(sealed, validate=True)
    except ValueError:
        data = b""
    for key in keys:
        try:
            return AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError):  # not ours; too short to be any
            continue
    raise SealBrokenError(
        f"The secret {place} cannot be opened with DOORCODE_SECRET_KEY: type it again in the console."
    )
