"""One-time codes: derived when needed, stored nowhere."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import count

from rules.refusals import Reason, RefusedError

LONGEST_INPUT = 64
SEPARATORS = frozenset("-‐‑‒–—―−.·_")
INVISIBLE = ("Zs", "Cc", "Cf")  # spaces, controls (tab, line end), direction marks


def derive(key: bytes, message_id: str, number: str, digits: int) -> str:
    """The code that the message of this id carries to this number.

    HMAC-SHA256 over both, cut to ``digits`` decimal digits. The few highest 64-bit values are skipped, so that every
    code is equally likely (NIST SP 800-63B-4, 3.1.3.2, asks for six digits from an approved generator).
    """
    fair = 2**64 - 2**64 % 10**digits
    for block in count():
        value = int.from_bytes(hmac.digest(key, f"{message_id}:{number}:{block}".encode(), "sha256")[:8])
        if value < fair:
            return str(value % 10**digits).zfill(digits)
    raise AssertionError("unreachable")


def read(typed: str, lengths: Iterable[int]) -> str:
    """The digits of a typed code: spaces, dashes and other scripts' digits are welcome.

    ``lengths``: how many digits the codes that were sent have. Raises RefusedError.
    """
    if len(typed) > LONGEST_INPUT:
        raise RefusedError(Reason.NOT_DIGITS)
    kept = [c for c in typed if c not in SEPARATORS and unicodedata.category(c) not in INVISIBLE]
    if not kept:
        raise RefusedError(Reason.NO_CODE)
    digits = [unicodedata.digit(c, None) for c in unicodedata.normalize("NFKC", "".join(kept))]
    if None in digits:
        raise RefusedError(Reason.NOT_DIGITS)
    if len(digits) not in lengths:
        raise RefusedError(Reason.WRONG_LENGTH)
    return "".join(map(str, digits))


def is_code_of(keys: Sequence[bytes], typed: str, message_id: str, number: str, digits: int) -> bool:
    """Whether ``typed`` is this message's code, by any of the keys. Takes the same time whatever is typed."""
    codes = [derive(key, message_id, number, digits) for key in keys]
    return sum(hmac.compare_digest(code, typed) for code in codes) > 0  # not any(), which stops at the first
