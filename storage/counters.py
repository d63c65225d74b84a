"""How often a thing was done lately. One statement raises any number of counters and tells what they then read.

A window slides: the period before weighs as much as still lies inside it. Raise first, look at the result, and let the
transaction roll back where it is too much: no other process can come between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import TextualSelect, text

from storage.database import Connection, rows_of


@dataclass(frozen=True)
class Raise:
    """What to raise, by how much; ``span`` is the window in seconds, none for a count that only a success ends."""

    key: str
    span: int | None
    amount: int = 1

    def period(self, now: float) -> int:
        return int(now // self.span) if self.span else 0


@dataclass(frozen=True)
class Reading:
    """A counter just after it was raised; ``before_at``: when it was raised the time before, 0 for never."""

    current: int
    previous: int
    before_at: float


FOREVER = 365 * 86400


# What a counter reads once it is raised; ``c`` is the row that is there, ``excluded`` the one that would be new.
CURRENT = "CASE WHEN excluded.period <= c.period THEN c.current ELSE 0 END + excluded.current"
PREVIOUS = """CASE WHEN excluded.period <= c.period THEN c.previous
            WHEN excluded.period = c.period + 1 THEN c.current ELSE 0 END"""
READ_AGAIN = ("key", "current", "previous", "before_at")
UPSERT = f"""INSERT INTO counters AS c (key, period, current, previous, last_at, before_at, expires_at)
        VALUES {{values}}
        ON CONFLICT (key) DO UPDATE SET previous = {PREVIOUS}, current = {CURRENT},
            period = CASE WHEN excluded.period <= c.period THEN c.period ELSE excluded.period END,
            before_at = c.last_at, last_at = excluded.last_at, expires_at = excluded.expires_at
        {{only_if}} RETURNING {{read}}"""  # noqa: S608 - constants, as is what is put in below


@lru_cache(maxsize=32)
def _raise_statement(rows: int) -> TextualSelect:
    values = ", ".join(f"(:k{i}, :p{i}, :a{i}, 0, :now, 0, :e{i})" for i in range(rows))
    return rows_of(UPSERT.format(values=values, only_if="", read=", ".join(READ_AGAIN)), READ_AGAIN)


def _within_statement(read: str) -> TextualSelect:
    only_if = f"WHERE {CURRENT} + ({PREVIOUS}) * :weight <= :most"
    return rows_of(UPSERT.format(values="(:k0, :p0, :a0, 0, :now, 0, :e0)", only_if=only_if, read=read), ["raised"])


RAISE_WITHIN = _within_statement("1 AS raised")
# PostgreSQL: this transaction, and no other, does not wait for the disk.
RAISE_WITHIN_AT_ONCE = _within_statement("set_config('synchronous_commit', 'off', true) AS raised")


def _parameters(raises: Sequence[Raise], now: float) -> dict[str, object]:
    """In the keys' order, so that no two can deadlock."""
    parameters: dict[str, object] = {"now": now}
    for i, item in enumerate(sorted(raises, key=lambda r: r.key)):
        parameters |= {f"k{i}": item.key, f"p{i}": item.period(now), f"a{i}": item.amount}
        parameters[f"e{i}"] = now + (2 * item.span if item.span else FOREVER)
    return parameters


def raise_within(connection: Connection, item: Raise, most: int, now: float, *, lasting: bool = True) -> bool:
    """Raise a counter unless its window would then hold more than ``most``. One statement, which checks and counts.

    ``lasting`` False: alone in its transaction (:meth:`Database.write_once`), which a power cut may undo.
    """
    span = item.span or FOREVER
    values = _parameters([item], now) | {"weight": 1 - now % span / span, "most": most}
    statement = RAISE_WITHIN if lasting or connection.dialect.name == "sqlite" else RAISE_WITHIN_AT_ONCE
    return item.amount <= most and bool(connection.execute(statement, values).all())


def raise_all(connection: Connection, raises: Sequence[Raise], now: float) -> dict[str, Reading]:
    """Raise each counter by its amount, atomically, and read it."""
    rows = connection.execute(_raise_statement(len(raises)), _parameters(raises, now))
    return {row.key: Reading(row.current, row.previous, row.before_at) for row in rows}


LOWER = text(
    """UPDATE counters SET current = current - :amount,
    last_at = CASE WHEN last_at = :raised_at THEN before_at ELSE last_at END
    WHERE key = :key AND period = :period AND current >= :amount"""
)


def lower_all(connection: Connection, charges: Iterable[tuple[str, int, int]], raised_at: float) -> None:
    """Give back what was counted at a time: (key, period, amount) each. A period that is over keeps what it has.

    The time before comes back only where nothing was counted since: a later message keeps its wait. In the keys'
    order, as they are raised.
    """
    same = {"raised_at": raised_at}
    rows = [same | {"key": key, "period": period, "amount": amount} for key, period, amount in sorted(charges)]
    if rows:
        connection.execute(LOWER, rows)


READ = text("SELECT period, current, previous, expires_at FROM counters WHERE key = :key")
CLEAR = text("DELETE FROM counters WHERE key = :key")
CLEAR_UNLESS_RAISED = text("DELETE FROM counters WHERE key = :key AND last_at <= :at")
CLEAR_ALL = text("DELETE FROM counters WHERE substr(key, 1, :length) = :prefix")


def read_period(connection: Connection, key: str, span: int, now: float) -> tuple[int, int]:
    """What the counter has in the period of ``now`` and in the one before."""
    row = connection.execute(READ, {"key": key}).one_or_none()
    if row is None:
        return 0, 0
    behind = int(now // span) - row.period
    if behind <= 0:
        return row.current, row.previous
    return (0, row.current) if behind == 1 else (0, 0)


def read_last(connection: Connection, key: str) -> tuple[int, float]:
    """What a counter had when it was raised last, and when it may be forgotten; zeros where it never was."""
    row = connection.execute(READ, {"key": key}).one_or_none()
    return (row.current, row.expires_at) if row else (0, 0.0)


def clear(connection: Connection, key: str) -> bool:
    return connection.execute(CLEAR, {"key": key}).rowcount == 1


def clear_unless_raised(connection: Connection, times: Mapping[str, float]) -> None:
    """Those that were not raised after their time."""
    connection.execute(CLEAR_UNLESS_RAISED, [{"key": key, "at": at} for key, at in sorted(times.items())])


def clear_all(connection: Connection, *, prefix: str) -> int:
    return connection.execute(CLEAR_ALL, {"prefix": prefix, "length": len(prefix)}).rowcount
