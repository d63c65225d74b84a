"""What the guard did, as the console shows it. Reads only, and only what an index leads to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Text, bindparam, text

from storage.database import Connection
from storage.guard import HOUR_COLUMNS, NAMES, Record

SUMS = ", ".join(f"CAST(sum({name}) AS bigint) AS {name}" for name in HOUR_COLUMNS)
BY_HOUR = text(f"SELECT hour, {SUMS} FROM guard_hours WHERE hour >= :hour GROUP BY hour")  # noqa: S608 - constants
BY_COUNTRY = text(
    f"SELECT country, {SUMS} FROM guard_hours WHERE hour >= :hour AND hour < :until GROUP BY country"  # noqa: S608
)
# A column that stands bare beside max() is of the row that has it in SQLite only; so the newest row is joined.
STOPS = """SELECT g.decision, g.reason, g.subject, g.watched, g.times, g.first_at, g.last_at, s.country, s.figures
    FROM (SELECT decision, reason, subject, watched, CAST(sum(times) AS bigint) AS times, min(first_at) AS first_at,
            max(last_at) AS last_at, max(hour) AS hour
        FROM guard_stops WHERE hour >= :hour GROUP BY decision, reason, subject, watched
        ORDER BY {order} LIMIT :most) g
    JOIN guard_stops s ON s.hour = g.hour AND s.decision = g.decision AND s.reason = g.reason
        AND s.subject = g.subject AND s.watched = g.watched
    ORDER BY {outer}"""
LATEST = text(STOPS.format(order="max(last_at) DESC", outer="g.last_at DESC, g.times DESC"))
MOST = text(STOPS.format(order="sum(times) DESC", outer="g.times DESC, g.last_at DESC"))
STOPPED = text(
    """SELECT COALESCE(sum(times), 0) FROM guard_stops
    WHERE hour >= :hour AND decision = :decision AND watched = :watched"""
)
PINNED = text(f"SELECT {NAMES} FROM guard_evidence WHERE pin <> '' ORDER BY key")  # noqa: S608 - constants
RECORDS = text(f"SELECT {NAMES} FROM guard_evidence WHERE key IN :keys").bindparams(  # noqa: S608 - constants
    bindparam("keys", expanding=True, type_=Text())
)


@dataclass(frozen=True)
class Counts:
    """Messages that were asked for and what became of them. ``bothered``: known numbers that were stopped."""

    sent: int = 0
    challenged: int = 0
    solved: int = 0
    refused: int = 0
    delivered: int = 0
    failed: int = 0
    proved: int = 0
    bothered: int = 0

    @property
    def stopped(self) -> int:
        return self.challenged + self.refused


@dataclass(frozen=True)
class Stopped:
    """What was held against one subject: so many times, with the newest figures as JSON. ``watched``: it only would
    have been stopped."""

    decision: str
    reason: str
    subject: str
    watched: bool
    times: int
    first_at: float
    last_at: float
    country: str
    figures: str


def by_hour(connection: Connection, since: int) -> dict[int, Counts]:
    """``since``: an hour since 1970, that one included, as elsewhere here."""
    rows = connection.execute(BY_HOUR, {"hour": since})
    return {row.hour: Counts(*row[1:]) for row in rows}


def by_country(connection: Connection, since: int, until: int = 2**31 - 1) -> dict[str, Counts]:
    """``until``: the hour before which to end."""
    rows = connection.execute(BY_COUNTRY, {"hour": since, "until": until})
    return {row.country: Counts(*row[1:]) for row in rows}


def stops(connection: Connection, since: int, *, most: int, newest: bool = False) -> list[Stopped]:
    """By what was stopped most often, or with ``newest`` lately."""
    rows = connection.execute(LATEST if newest else MOST, {"hour": since, "most": most})
    return [Stopped(**{**row._mapping, "watched": bool(row.watched)}) for row in rows]


def stopped(connection: Connection, since: int, decision: str, *, watched: bool) -> int:
    values = {"hour": since, "decision": decision, "watched": int(watched)}
    return int(connection.execute(STOPPED, values).scalar_one())


def pinned(connection: Connection) -> list[Record]:
    return [Record(*row) for row in connection.execute(PINNED)]


def records(connection: Connection, keys: Collection[str]) -> dict[str, Record]:
    """Those that there are, as they are, not locked."""
    rows = connection.execute(RECORDS, {"keys": sorted(keys)}) if keys else ()
    return {row.key: Record(*row) for row in rows}
