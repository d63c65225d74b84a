"""Time-based one-time passwords (RFC 6238): SHA-1, 6 digits, 30 seconds, as every authenticator app makes them."""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
import unicodedata
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
NEIGHBOURS = (-1, 0, 1)  # a clock may be one step off: 90 s in all, NIST SP 800-63B-4 allows 2 minutes


def new_key() -> str:
    """160 random bits in base 32 (RFC 4226 advises so many)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def key_of(server_key: bytes, ticket_id: str) -> str:
    """The key that a ticket offers to an app: the same however often its page is opened, and stored nowhere before an
    app has it."""
    return base64.b32encode(hmac.digest(server_key, f"totp:{ticket_id}".encode(), "sha256")[:20]).decode()


def code_at(key: str, step: int) -> str:
    digest = hmac.digest(base64.b32decode(key), struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(key: str, typed: str, now: float) -> int | None:
    """The time step that ``typed`` is the code of, None where it is of none. Each step must be accepted once only."""
    digits = "".join(unicodedata.normalize("NFKC", typed).split())
    current = int(now // STEP_SECONDS)
    steps = [
        s for s in (current + n for n in NEIGHBOURS) if hmac.compare_digest(code_at(key, s).encode(), digits.encode())
    ]
    return max(steps, default=None)


def uri(key: str, issuer: str, account: str) -> str:
    """What an authenticator app reads from the QR picture."""
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?secret={key}&issuer={quote(issuer)}"
