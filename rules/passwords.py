"""Passwords: how long, which not, and how they are kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rules import foreign_hashes
from rules.common_passwords import SHORTEST as SHORTEST_WORD
from rules.common_passwords import common, compact, once, pieces

SHORTEST, LONGEST = 15, 128  # characters; NIST SP 800-63B-4, 3.1.1.2: 15 where it may stand alone
LONGEST_TYPED = 4096  # characters; other systems may have taken longer ones than we
FEWEST_PIECES = 4  # of the whole password; see rules/common_passwords.py
FEWEST_CHARACTERS = 5  # different ones

# 19 MiB, two passes: OWASP's figure for argon2id, 21 ms where the library's own default takes 108.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# A hash that no password fits, so that an unknown name takes as long as a known one.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$kB3OJ2F0vWvKpyhBqxJ1KZ5ppR0p2E9ksqBbEobcZ4s"


class Weakness(StrEnum):
    TOO_SHORT = "password_too_short"
    TOO_LONG = "password_too_long"
    TOO_PLAIN = "password_too_plain"  # the same again and again, or a row of the keyboard
    TOO_COMMON = "password_too_common"
    TOO_PERSONAL = "password_too_personal"
    TOO_NEAR = "password_too_near"  # to the application's name, or to a word that the admin refuses


def weakness(
    password: str, own: Iterable[str], refused: Iterable[str] = (), *, shortest: int = SHORTEST
) -> Weakness | None:
    """What is wrong with a new password. ``own``: what its owner is known by; ``refused``: what everybody here knows.

    The whole password is compared, as NIST asks: one of these words in a good password does no harm.
    """
    password = unicodedata.normalize("NFC", password)
    if len(password) < shortest:
        return Weakness.TOO_SHORT
    if len(password) > LONGEST:
        return Weakness.TOO_LONG
    text = compact(password)
    if len(once(password)) < shortest or len(set(text)) < FEWEST_CHARACTERS or pieces(text) < FEWEST_PIECES:
        return Weakness.TOO_PLAIN
    known: list[Collection[str]] = []
    for words, reason in (
        (common(), Weakness.TOO_COMMON),
        (_words(own), Weakness.TOO_PERSONAL),
        (_words(refused), Weakness.TOO_NEAR),
    ):
        known.append(words)
        if pieces(text, *known) < FEWEST_PIECES:
            return reason
    return None


def _words(names: Iterable[str]) -> set[str]:
    """Each name as it is compared, its parts, and of a number every ending: so it is written at home."""
    found = set()
    for name in names:
        whole = compact(unicodedata.normalize("NFC", name))
        found |= {whole, *(compact(part) for part in re.split(r"[\W_]+", name))}
        if whole.isdigit():
            found |= {zero + whole[start:] for start in range(len(whole) - 5) for zero in ("", "0", "00")}
    return {word for word in found if len(word) >= SHORTEST_WORD}


def hash_password(password: str) -> str:
    return HASHER.hash(unicodedata.normalize("NFC", password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed. Takes as long where there is no hash. Never in a transaction."""
    password = password[:LONGEST_TYPED]
    if password_hash and not password_hash.startswith("$argon2"):
        return foreign_hashes.is_right(password_hash, password)
    try:
        right = HASHER.verify(password_hash or NOBODY, unicodedata.normalize("NFC", password))
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


def rehashed(password_hash: str | None, password: str) -> str | None:
    """A new hash of a right password whose old one is another's or weaker than today's; None where it is good."""
    if password_hash is None:
        return None
    ours = password_hash.startswith("$argon2id$")
    return None if ours and not HASHER.check_needs_rehash(password_hash) else hash_password(password)
