"""Backup codes: 75 random bits in 15 characters, typed when nothing else is at hand.

Ten are made of a ticket, so that the page which shows them can be opened again while the ticket lives, and only salted
hashes are kept (NIST SP 800-63B-4, 3.1.2: below 112 bits a password hash, with a salt).
"""

from __future__ import annotations

import hmac
import unicodedata

from argon2.low_level import Type, hash_secret_raw

HOW_MANY, CHARACTERS, GROUP = 10, 15, 5
# Crockford's base 32: no letter that looks like another, or like a digit.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LOOKALIKES = str.maketrans("oil", "011")


def make(server_key: bytes, ticket_id: str) -> list[str]:
    """The ten codes of a ticket, in groups of five characters."""
    return [_spelled(hmac.digest(server_key, f"backup:{ticket_id}:{n}".encode(), "sha256")) for n in range(HOW_MANY)]


def _spelled(digest: bytes) -> str:
    text = "".join(ALPHABET[byte % 32] for byte in digest[:CHARACTERS])
    return "-".join(text[start : start + GROUP] for start in range(0, CHARACTERS, GROUP))


def read(typed: str) -> str | None:
    """The code in its one spelling, whatever the case, spaces and dashes; None for what can be none."""
    folded = unicodedata.normalize("NFKC", typed[:100]).casefold().translate(LOOKALIKES)
    text = "".join(character for character in folded if character.isalnum())
    return text if len(text) == CHARACTERS and set(text) <= set(ALPHABET) else None


def hashed(code: str, salt: str) -> str:
    """What is kept of a code. ``salt``: of its set, so that one hash is enough to look for it. Takes 20 ms."""
    return hash_secret_raw(
        (read(code) or "").encode(),
        salt.encode(),
        time_cost=2,
        memory_cost=19 * 1024,
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    ).hex()
