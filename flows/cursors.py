"""Where a list goes on: the time and the id of the last one that was shown, as one word for an address.

page     of rows, one more than are shown: those that are shown, and the one after which the list goes on
write, read
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Sequence
from typing import TypeVar

Row = TypeVar("Row")
Place = tuple[float, str]


def page(rows: Sequence[Row], most: int) -> tuple[list[Row], Row | None]:
    """``rows``: one more than ``most`` where there are so many. None where the list ends here."""
    shown = list(rows[:most])
    return shown, shown[-1] if len(rows) > most else None


def write(at: float, row_id: str) -> str:
    return base64.urlsafe_b64encode(f"{at!r} {row_id}".encode()).decode().rstrip("=")


def read(typed: str) -> Place | None:
    """None where it is none of ours."""
    try:
        at, _space, row_id = base64.urlsafe_b64decode(typed + "=" * (-len(typed) % 4)).decode().partition(" ")
        place = float(at), row_id
    except (ValueError, binascii.Error):
        return None
    return place if math.isfinite(place[0]) and place[1].isalnum() else None
