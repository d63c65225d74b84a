"""How many segments a text takes, and why: GSM-7 (3GPP TS 23.038, sections 6.1.2.1 and 6.2.1), or Unicode (UCS-2).

One segment holds 160 characters of GSM-7 or 70 of Unicode; of a longer text each holds 153 or 67, for its header takes
7 and 3. Characters of GSM-7's extension table take two places.
"""

from __future__ import annotations

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True)
class Measure:
    """``units``: places taken, in septets or UTF-16 code units; ``strange``: the characters that GSM-7 lacks."""

    units: int
    segments: int
    is_gsm: bool
    strange: str


def is_gsm(text: str) -> bool:
    return all(character in BASIC or character in EXTENSION for character in text)


def measure(text: str) -> Measure:
    strange = "".join(dict.fromkeys(c for c in text if c not in BASIC and c not in EXTENSION))
    if strange:
        units, single, several = len(text.encode("utf-16-be", "replace")) // 2, 70, 67
    else:
        units, single, several = sum(2 if c in EXTENSION else 1 for c in text), 160, 153
    segments = 1 if units <= single else -(-units // several)
    return Measure(units, segments, not strange, strange)
