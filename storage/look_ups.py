"""What providers told of numbers: kept so that each is asked for once in a while only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection


@dataclass(frozen=True)
class LookUp:
    """``what``: line or sim_swap. ``line``: "" where that was not asked for; ``swapped``: None likewise."""

    number: str
    what: str
    line: str
    carrier: str
    swapped: bool | None
    provider: str
    asked_at: float
    expires_at: float


FIND = text(
    """SELECT number, what, line, carrier, swapped, provider, asked_at, expires_at FROM look_ups
    WHERE number = :number AND what = :what AND expires_at > :now"""
)
KEEP = text(
    """INSERT INTO look_ups (number, what, line, carrier, swapped, provider, asked_at, expires_at)
    VALUES (:number, :what, :line, :carrier, :swapped, :provider, :asked_at, :expires_at)
    ON CONFLICT (number, what) DO UPDATE SET line = excluded.line, carrier = excluded.carrier,
    swapped = excluded.swapped, provider = excluded.provider, asked_at = excluded.asked_at,
    expires_at = excluded.expires_at"""
)
COUNT = text("SELECT line, swapped, count(*) AS times FROM look_ups WHERE asked_at >= :since GROUP BY line, swapped")
# The browser's challenge is solved, and what it lets through is not used up: storage/guard.py spends it.
HAS_PASS = text(
    """SELECT 1 FROM guard_passes WHERE browser = :browser AND expires_at > :now
    AND (number = '' OR number = :number)"""
)


def find(connection: Connection, number: str, what: str, now: float) -> LookUp | None:
    row = connection.execute(FIND, {"number": number, "what": what, "now": now}).one_or_none()
    return LookUp(**{**row._mapping, "swapped": None if row.swapped is None else bool(row.swapped)}) if row else None


def keep(connection: Connection, found: LookUp) -> None:
    swapped = None if found.swapped is None else int(found.swapped)
    connection.execute(KEEP, vars(found) | {"swapped": swapped})


def count(connection: Connection, since: float) -> dict[tuple[str, bool], int]:
    """How many numbers were looked up since then: by line, and whether the SIM card was changed."""
    rows = connection.execute(COUNT, {"since": since})
    return {(row.line, bool(row.swapped)): row.times for row in rows}


def has_pass(connection: Connection, browser: str, number: str, now: float) -> bool:
    return connection.execute(HAS_PASS, {"browser": browser, "number": number, "now": now}).first() is not None
