"""Passwords: how long, which not, and how they are kept."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 15, 128  # characters; NIST SP 800-63B-4, 3.1.1.2: 15 where it may stand alone

# 19 MiB, two passes: OWASP's figure for argon2id, 21 ms where the library's own default takes 108.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# A hash that no password fits, so that an unknown name takes as long as a known one.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$kB3OJ2F0vWvKpyhBqxJ1KZ5ppR0p2E9ksqBbEobcZ4s"


class Weakness(StrEnum):
    TOO_SHORT = "password_too_short"
    TOO_LONG = "password_too_long"
    TOO_PLAIN = "password_too_plain"


def weakness(password: str, context: tuple[str, ...], *, shortest: int = SHORTEST) -> Weakness | None:
    """What is wrong with a new password. ``context``: words that an attacker tries first, such as the person's name."""
    password = _normal(password)
    if len(password) < shortest:
        return Weakness.TOO_SHORT
    if len(password) > LONGEST:
        return Weakness.TOO_LONG
    rest = password.casefold()
    for word in context:
        rest = rest.replace(word.casefold(), "") if word else rest
    return Weakness.TOO_PLAIN if len(set(rest)) < 6 else None


def hash_password(password: str) -> str:
    return HASHER.hash(_normal(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed. Takes as long where there is no hash. Never in a transaction."""
    try:
        right = HASHER.verify(password_hash or NOBODY, _normal(password)[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


def rehashed(password_hash: str | None, password: str) -> str | None:
    """A new hash of a right password whose old one is weaker than today's; None where it is good."""
    if password_hash is None or not HASHER.check_needs_rehash(password_hash):
        return None
    return hash_password(password)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)
