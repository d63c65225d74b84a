"""Usernames: letters, digits, dot, dash and underscore; one spelling each, so that no two look alike in case only."""

from __future__ import annotations

import re
import unicodedata

SHORTEST, LONGEST = 3, 40
USERNAME = re.compile(r"[a-z][a-z0-9._-]*[a-z0-9]")


def read(typed: str) -> str | None:
    """The name in its one spelling, None where it is none. Three digits in a row at its start would be a number."""
    name = unicodedata.normalize("NFKC", typed).strip().casefold()
    return name if SHORTEST <= len(name) <= LONGEST and USERNAME.fullmatch(name) else None
