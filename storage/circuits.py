"""Connectors that failed lately, for every process to see. A circuit is open from its fifth failure in a row."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection

FAILURES = 5
FIRST_PAUSE = 15.0  # seconds until an open circuit lets one message try, doubled each time
LONGEST_PAUSE = 600.0


@dataclass(frozen=True)
class Circuit:
    """``reason``: the named kind of the newest failure, or ``unknown``. Open where ``opened_at`` is set."""

    connector: str
    failures: int
    reason: str
    failed_at: float
    opened_at: float | None
    retry_at: float | None


ALL = text("SELECT connector, failures, reason, failed_at, opened_at, retry_at FROM circuits")
FAILED = text(
    """INSERT INTO circuits AS c (connector, failures, reason, failed_at, pause)
    VALUES (:connector, 1, :reason, :now, :first)
    ON CONFLICT (connector) DO UPDATE SET failures = c.failures + 1, reason = :reason, failed_at = :now,
    opened_at = CASE WHEN c.failures + 1 >= :most THEN COALESCE(c.opened_at, :now) END,
    retry_at = CASE WHEN c.failures + 1 >= :most THEN COALESCE(c.retry_at, :now + c.pause) END"""
)
SUCCEEDED = text("DELETE FROM circuits WHERE connector = :connector")
TRY = text(
    """UPDATE circuits SET retry_at = :now + CASE WHEN pause * 2 > :longest THEN :longest ELSE pause * 2 END,
    pause = CASE WHEN pause * 2 > :longest THEN :longest ELSE pause * 2 END
    WHERE connector = :connector AND retry_at <= :now"""
)


def read_all(connection: Connection) -> dict[str, Circuit]:
    return {row.connector: Circuit(**row._mapping) for row in connection.execute(ALL)}


def failed(connection: Connection, connector: str, reason: str, now: float) -> None:
    parameters = {"connector": connector, "reason": reason, "now": now}
    connection.execute(FAILED, parameters | {"most": FAILURES, "first": FIRST_PAUSE})


def succeeded(connection: Connection, connector: str) -> None:
    connection.execute(SUCCEEDED, {"connector": connector})


def may_try(connection: Connection, connector: str, now: float) -> bool:
    """Whether an open circuit lets one message try: true for one caller only, then after the next, longer pause."""
    parameters = {"connector": connector, "now": now, "longest": LONGEST_PAUSE}
    return connection.execute(TRY, parameters).rowcount == 1
