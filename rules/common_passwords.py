"""Passwords that are tried first: a list (common_passwords.md tells whose), and runs on a keyboard or in an alphabet.

A password is cut into as few pieces as can be. What is common, a run, or a word that its owner is known by is one piece
however long it is; any other character is one by itself.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

LIST = Path(__file__).with_name("common_passwords.txt.gz")
LONGEST_WORD = 40  # characters; the list has none longer, and of a longer word of one's own its parts are looked for
ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qwertzuiop")
SHORTEST = 3  # characters of a word or a run
RUNS = frozenset(
    part[start:end]
    for row in ROWS
    for part in (row, row[::-1])
    for start in range(len(row))
    for end in range(start + SHORTEST, len(row) + 1)
)
BETWEEN = re.compile(r"[\s._,/()+-]+")  # what words and digits of a number are set apart by


@cache
def common() -> frozenset[str]:
    """Read when it is asked for first: a tenth of a second and 3 MB."""
    words = gzip.decompress(LIST.read_bytes()).decode().splitlines()
    return frozenset(word for word in (*words, *map(compact, words)) if len(word) >= SHORTEST)


def compact(text: str) -> str:
    """As it is compared: in lower case, without what stands between words, and once where it is the same again."""
    return once(BETWEEN.sub("", text.casefold()))


def once(text: str) -> str:
    """What is the same again and again, one time: "abab" is "ab"."""
    return text[: (text + text).find(text, 1)]


def pieces(text: str, *lists: Collection[str]) -> int:
    """The fewest pieces that a :func:`compact` text can be cut into, where each word of the ``lists`` is one."""
    fewest = [0]
    for end in range(1, len(text) + 1):
        starts = range(max(0, end - LONGEST_WORD), end - 1)
        cut = [fewest[start] for start in starts if _is_piece(text[start:end], lists)]
        fewest.append(min([fewest[end - 1], *cut]) + 1)
    return fewest[-1]


def _is_piece(part: str, lists: Collection[Collection[str]]) -> bool:
    return part in RUNS or any(part in words for words in lists) or len(set(part)) == 1
