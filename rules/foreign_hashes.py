"""Password hashes of other systems: read once, when users are imported, and verified until their owner comes.

argon2     $argon2id$v=19$m=19456,t=2,p=1$salt$hash    also argon2i and argon2d; Django writes argon2 before it
bcrypt     $2b$12$...                                   also 2a and 2y; Django writes bcrypt$ or bcrypt_sha256$ before
PBKDF2     pbkdf2_sha256$rounds$salt$base64             Django
           pbkdf2:sha256:rounds$salt$hex                Werkzeug, and its scrypt:n:r:p$salt$hex
           $pbkdf2-sha256$rounds$salt$hash              passlib; base64 with . for +
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass

import bcrypt
from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError

LONGEST = 500  # characters of a hash
BCRYPT_BYTES = 72  # it never read more; whoever comes in with a longer password gets a hash of the whole of it
# What costs more is refused: each try would hold a thread for seconds, or take memory that others need.
MOST_ROUNDS = {"pbkdf2": 2_000_000, "bcrypt": 14, "scrypt": 1 << 17}
MOST_ARGON2 = (256 * 1024, 10, 16)  # KiB, passes, lanes
SHORTEST_KEY = 16  # bytes

BCRYPT = re.compile(r"(bcrypt_sha256\$)?(\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53})")
DJANGO = re.compile(r"pbkdf2_(sha1|sha256)\$(\d{1,9})\$([^$]+)\$([A-Za-z0-9+/]+={0,2})")
WERKZEUG = re.compile(r"pbkdf2:(sha1|sha256|sha512):(\d{1,9})\$([^$]+)\$((?:[0-9a-f]{2})+)")
PASSLIB = re.compile(r"\$pbkdf2(-sha256|-sha512)?\$(\d{1,9})\$([A-Za-z0-9./]+)\$([A-Za-z0-9./]+)")
SCRYPT = re.compile(r"scrypt:(\d{1,7}):(\d{1,2}):(\d{1,2})\$([^$]+)\$((?:[0-9a-f]{2})+)")


class HashProblemError(Exception):
    """Why a hash cannot be taken, in words for whoever imports it. Never quotes it."""


@dataclass(frozen=True)
class Derived:
    """A key that was derived from a password: with ``derive`` from other bytes comes another one."""

    rounds: int
    derive: Callable[[bytes], bytes]
    key: bytes


def read(text: str) -> str | None:
    """A hash as it is kept; None for Django's mark of an account without a password. Raises HashProblemError."""
    if text.startswith("!"):
        return None
    if len(text) > LONGEST or not text.isascii():
        raise HashProblemError("this is no password hash that can be read")
    text = text.removeprefix("argon2") if text.startswith("argon2$") else text.removeprefix("bcrypt$")
    if text.startswith("$argon2"):
        _check_argon2(text)
    elif written := BCRYPT.fullmatch(text):
        _check_cost("bcrypt", int(written[3]), least=4)
    else:
        derived = _derived(text)
        if derived is None or len(derived.key) < SHORTEST_KEY:
            raise HashProblemError("this is no password hash that can be read")
        _check_cost("scrypt" if text.startswith("scrypt") else "pbkdf2", derived.rounds, least=1)
    return text


def is_right(password_hash: str, password: str) -> bool:
    """Whether a hash that is not argon2 is the password's, as it was typed or in its one spelling."""
    spellings = dict.fromkeys((unicodedata.normalize("NFC", password), password))
    return any(_is_of(password_hash, spelling.encode("utf-8", "surrogatepass")) for spelling in spellings)


def _is_of(password_hash: str, password: bytes) -> bool:
    if written := BCRYPT.fullmatch(password_hash):
        if written[1]:
            password = hashlib.sha256(password).hexdigest().encode()
        return bcrypt.checkpw(password[:BCRYPT_BYTES], written[2].encode())
    derived = _derived(password_hash)
    return derived is not None and hmac.compare_digest(derived.derive(password), derived.key)


def _derived(text: str) -> Derived | None:
    if written := DJANGO.fullmatch(text):
        return _pbkdf2(written[1], written[2], written[3].encode(), _base64(written[4]))
    if written := WERKZEUG.fullmatch(text):
        return _pbkdf2(written[1], written[2], written[3].encode(), bytes.fromhex(written[4]))
    if written := PASSLIB.fullmatch(text):
        salt, key = (_base64(part.replace(".", "+")) for part in written.group(3, 4))
        return _pbkdf2((written[1] or "-sha1")[1:], written[2], salt, key)
    if written := SCRYPT.fullmatch(text):
        n, r, p = map(int, written.group(1, 2, 3))
        return _scrypt(n, r, p, written[4].encode(), bytes.fromhex(written[5]))
    return None


def _pbkdf2(digest: str, rounds: str, salt: bytes, key: bytes) -> Derived:
    def derive(password: bytes) -> bytes:
        return hashlib.pbkdf2_hmac(digest, password, salt, int(rounds), len(key))

    return Derived(int(rounds), derive, key)


def _scrypt(n: int, r: int, p: int, salt: bytes, key: bytes) -> Derived | None:
    if n < 2 or n & (n - 1) or not 0 < r <= 8 or not 0 < p <= 4:
        return None

    def derive(password: bytes) -> bytes:
        return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=132 * n * r * p + (1 << 20), dklen=len(key))

    return Derived(n, derive, key)


def _base64(text: str) -> bytes:
    """b"" where it is none."""
    try:
        return b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except ValueError:
        return b""


def _check_argon2(text: str) -> None:
    try:
        found = extract_parameters(text)
    except (InvalidHashError, ValueError):
        raise HashProblemError("this is no password hash that can be read") from None
    costs = (found.memory_cost, found.time_cost, found.parallelism)
    if any(each > most for each, most in zip(costs, MOST_ARGON2, strict=True)):
        raise HashProblemError("this hash takes too long or too much memory to verify")


def _check_cost(scheme: str, cost: int, *, least: int) -> None:
    if not least <= cost <= MOST_ROUNDS[scheme]:
        raise HashProblemError("this hash takes too long or too much memory to verify")
