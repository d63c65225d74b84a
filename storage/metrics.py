"""What an operator watches, in figures. Reads only, each led by an index, and never more rows than ``MOST``."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection
from storage.message_days import DAY

MOST = 10_000  # rows; what is more is told as this many

QUEUE = text(
    """SELECT state, count(*) AS waiting, min(created_at) AS oldest FROM
    (SELECT state, created_at FROM messages WHERE state IN ('queued', 'sending') ORDER BY due_at LIMIT :most) w
    GROUP BY state"""
)
RECENT = text(
    """SELECT state, connector, count(*) AS times FROM
    (SELECT state, COALESCE(connector, '') AS connector FROM messages
        WHERE created_at >= :since ORDER BY created_at DESC LIMIT :most) r
    GROUP BY state, connector ORDER BY state, connector"""
)
REFUSALS = text(
    """SELECT connector, kind, count(*) AS times FROM
    (SELECT connector, COALESCE(refusal, outcome) AS kind FROM attempts
        WHERE started_at >= :since AND outcome IN ('refused', 'unknown') ORDER BY started_at DESC LIMIT :most) r
    GROUP BY connector, kind ORDER BY connector, kind"""
)
OUTCOMES = ("sent", "failed", "delivered", "verified")
TODAY = text(
    f"""SELECT connector, {", ".join(f"CAST(sum({name}) AS bigint) AS {name}" for name in OUTCOMES)}
    FROM message_days WHERE day = :day GROUP BY connector ORDER BY connector"""  # noqa: S608 - constants
)
WEBHOOKS = text(
    """SELECT count(*) AS waiting, min(at) AS oldest FROM
    (SELECT at FROM webhook_deliveries WHERE state = 'waiting' LIMIT :most) w"""
)


@dataclass(frozen=True)
class Line:
    """What waits: how many, and since when the oldest has; ``oldest`` None where nothing does."""

    waiting: int
    oldest: float | None


def queue(connection: Connection) -> dict[str, Line]:
    """The outbox by state: queued, and sending."""
    rows = connection.execute(QUEUE, {"most": MOST})
    return {row.state: Line(row.waiting, row.oldest) for row in rows}


def webhooks(connection: Connection) -> Line:
    row = connection.execute(WEBHOOKS, {"most": MOST}).one()
    return Line(row.waiting, row.oldest)


def recent(connection: Connection, since: float) -> list[tuple[str, str, int]]:
    """(state, connector, how many) of the messages that were asked for since then; no connector: not tried yet."""
    return [tuple(row) for row in connection.execute(RECENT, {"since": since, "most": MOST})]


def refusals(connection: Connection, since: float) -> list[tuple[str, str, int]]:
    """(connector, kind, how often) of the calls since then that providers refused, or left unclear."""
    return [tuple(row) for row in connection.execute(REFUSALS, {"since": since, "most": MOST})]


def today(connection: Connection, now: float) -> dict[str, dict[str, int]]:
    """Of each connector what was counted since midnight (UTC), by the names of :data:`OUTCOMES`."""
    rows = connection.execute(TODAY, {"day": int(now // DAY)})
    return {row.connector: {name: getattr(row, name) for name in OUTCOMES} for row in rows}
