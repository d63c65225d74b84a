"""The text of an act that somebody is asked to confirm: what may be shown in our name, and what stands for it."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata

LONGEST = 120  # characters: with a code and its words, two segments of a text message
PAGE = re.compile(r"://|[\w-]\.[^\W\d_]{2,}")  # what a phone would make a link of


def read(typed: str) -> str | None:
    """The text as it came, None where it may not be shown: it must look the same to whoever reads its hash."""
    if not 0 < len(typed) <= LONGEST or typed != typed.strip():
        return None
    if any(unicodedata.category(each)[0] == "C" or unicodedata.category(each) in ("Zl", "Zp") for each in typed):
        return None
    return None if PAGE.search(unicodedata.normalize("NFKC", typed)) else typed


def act_hash(text: str) -> str:
    """SHA-256 of its UTF-8, in base64url without padding."""
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
