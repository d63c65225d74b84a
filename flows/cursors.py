"""Where a list goes on: the time and the id of the last one that was shown, as one word for an address."""

from __future__ import annotations

import base64
import binascii
import math

Place = tuple[float, str]


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
