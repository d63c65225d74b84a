"""Messages counted by the day (UTC): what stays of them once they are removed, and what charts are drawn from.

*Sent* is what a provider took or may have taken, *failed* what was refused or came too late; what was withheld is not
counted. A message that is over stays in its group, so counting a day again only replaces its figures; where some of its
messages have been removed meanwhile, the figures stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection

DAY = 86400


@dataclass(frozen=True)
class Tariff:
    """What a text message is taken to cost where its provider did not say it in our ``currency``."""

    currency: str
    price: float


@dataclass(frozen=True)
class DayCount:
    """``day``: since 1970. ``cost``: in the settings' currency."""

    day: int
    connector: str
    country: str
    sent: int
    failed: int
    delivered: int
    verified: int
    cost: float


SENT = "state IN ('accepted', 'unknown')"
# In one order, so that of two workers who count the same day one waits for the other.
COUNT = text(
    f"""INSERT INTO message_days (day, connector, country, usage, sent, failed, delivered, verified, cost)
    SELECT :day, COALESCE(connector, ''), country, usage,
        sum(CASE WHEN {SENT} THEN 1 ELSE 0 END), sum(CASE WHEN {SENT} THEN 0 ELSE 1 END),
        sum(CASE WHEN {SENT} AND receipt = 3 THEN 1 ELSE 0 END),
        sum(CASE WHEN {SENT} AND verified_at IS NOT NULL THEN 1 ELSE 0 END),
        sum(CASE WHEN NOT {SENT} OR channel <> 'sms' THEN 0
            WHEN price IS NOT NULL AND currency = :currency THEN price ELSE :price END)
    FROM messages WHERE created_at >= :since AND created_at < :until
        AND state IN ('accepted', 'unknown', 'refused', 'expired')
    GROUP BY COALESCE(connector, ''), country, usage ORDER BY 2, 3, 4
    ON CONFLICT (day, connector, country, usage) DO UPDATE SET sent = excluded.sent, failed = excluded.failed,
        delivered = excluded.delivered, verified = excluded.verified, cost = excluded.cost
        WHERE excluded.sent + excluded.failed >= message_days.sent + message_days.failed"""  # noqa: S608 - constants
)
READ = text(
    """SELECT day, connector, country, CAST(sum(sent) AS bigint) AS sent, CAST(sum(failed) AS bigint) AS failed,
    CAST(sum(delivered) AS bigint) AS delivered, CAST(sum(verified) AS bigint) AS verified, sum(cost) AS cost
    FROM message_days WHERE day > :after GROUP BY day, connector, country ORDER BY day"""
)
OLDEST = text("SELECT min(created_at) FROM messages")
COUNTED_AT = text("SELECT counted_at FROM message_counts")
SET_COUNTED_AT = text(
    """INSERT INTO message_counts (id, counted_at) VALUES (1, :now)
    ON CONFLICT (id) DO UPDATE SET counted_at = excluded.counted_at"""
)


def count(connection: Connection, day: int, tariff: Tariff) -> None:
    """Count a day's messages anew."""
    connection.execute(COUNT, {"day": day, "since": day * DAY, "until": (day + 1) * DAY} | vars(tariff))


def read(connection: Connection, *, after: int) -> list[DayCount]:
    """The days after a day, by connector and country."""
    return [DayCount(**row._mapping) for row in connection.execute(READ, {"after": after})]


def oldest(connection: Connection) -> int | None:
    """The day of the oldest message that is kept."""
    found = connection.execute(OLDEST).scalar_one_or_none()
    return None if found is None else int(found // DAY)


def counted_at(connection: Connection) -> float | None:
    """When the days were counted last; None where never."""
    return connection.execute(COUNTED_AT).scalar_one_or_none()


def set_counted_at(connection: Connection, now: float) -> None:
    connection.execute(SET_COUNTED_AT, {"now": now})
