"""What the console asks of the outbox: its messages, newest first, by any of their qualities; and the life of one.

A list is found in one index that holds all that can be filtered by, and only the rows that are shown are looked up. So
no mix of filters, however rare, costs more than a walk through that index. What was refused has a small index of its
own. docs/benchmarks.md has the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection
from storage.receipts import FAILED

Place = tuple[float, str]  # of a message in the list: when it was asked for, and its id


@dataclass(frozen=True)
class LoggedMessage:
    """A message with what its last attempt heard. ``receipt``: how far it came (storage/receipts.py)."""

    id: str
    usage: str
    channel: str
    recipient: str
    country: str
    locale: str
    digits: int
    created_at: float
    expires_at: float
    state: str
    refusal: str | None
    connector: str | None
    attempts: int
    receipt: int
    receipt_at: float | None
    price: float | None
    currency: str | None
    verified_at: float | None
    code: str | None
    detail: str | None


@dataclass(frozen=True)
class LoggedAttempt:
    """A call of a provider. ``outcome`` is "calling" until it ends."""

    number: int
    connector: str
    started_at: float
    ended_at: float | None
    outcome: str
    refusal: str | None
    code: str | None
    detail: str | None


@dataclass(frozen=True)
class LoggedReceipt:
    state: int
    refusal: str | None
    code: str
    detail: str
    received_at: float


@dataclass(frozen=True)
class SentMessage:
    """A text message that a provider took."""

    id: str
    recipient: str
    created_at: float
    verified_at: float | None


COLUMNS = """m.id, m.usage, m.channel, m.recipient, m.country, m.locale, m.digits, m.created_at, m.expires_at, m.state,
    m.refusal, m.connector, m.attempts, m.receipt, m.receipt_at, m.price, m.currency, m.verified_at, a.code, a.detail
    FROM messages m LEFT JOIN attempts a ON a.message_id = m.id AND a.number = m.attempts"""
CONDITIONS = {
    "state": "state = :state",
    "connector": "connector = :connector",
    "country": "country = :country",
    "usage": "usage = :usage",
    "refusal": "refusal = :refusal",
    "since": "created_at >= :since",
    "until": "created_at < :until",
    "before_at": "(created_at, id) < (:before_at, :before_id)",
}
LIST = f"""SELECT {COLUMNS} WHERE m.id IN
    (SELECT id FROM messages WHERE {{conditions}} ORDER BY created_at DESC, id DESC LIMIT :most)
    ORDER BY m.created_at DESC, m.id DESC"""  # noqa: S608 - constants
ONE = text(f"SELECT {COLUMNS} WHERE m.id = :id")
ATTEMPTS = text(
    """SELECT number, connector, started_at, ended_at, outcome, refusal, code, detail FROM attempts
    WHERE message_id = :id ORDER BY number"""
)
RECEIPTS = text(
    """SELECT r.state, r.refusal, r.code, r.detail, r.received_at FROM messages m
    JOIN receipts r ON r.connector = m.connector AND r.provider_id = m.provider_id
    WHERE m.id = :id ORDER BY r.received_at, r.state"""
)
SENT = text(
    f"""SELECT id, recipient, created_at, verified_at FROM messages
    WHERE (created_at, id) > (:at, :id) AND channel = 'sms' AND digits > 0
    AND state IN ('accepted', 'unknown') AND (receipt <> {FAILED} OR verified_at IS NOT NULL)
    ORDER BY created_at, id LIMIT :most"""  # noqa: S608 - a constant
)


def find(
    connection: Connection, wanted: Mapping[str, object], *, most: int, before: Place | None = None
) -> list[LoggedMessage]:
    """The newest ``most`` messages that are as ``wanted``: by the names of CONDITIONS; older than ``before``."""
    values = dict(wanted)
    if before:
        values |= {"before_at": before[0], "before_id": before[1]}
    conditions = " AND ".join(CONDITIONS[name] for name in values if name in CONDITIONS) or "true"
    rows = connection.execute(text(LIST.format(conditions=conditions)), values | {"most": most})
    return [LoggedMessage(**row._mapping) for row in rows]


def one(connection: Connection, message_id: str) -> LoggedMessage | None:
    row = connection.execute(ONE, {"id": message_id}).one_or_none()
    return LoggedMessage(**row._mapping) if row else None


def attempts(connection: Connection, message_id: str) -> list[LoggedAttempt]:
    return [LoggedAttempt(**row._mapping) for row in connection.execute(ATTEMPTS, {"id": message_id})]


def receipts(connection: Connection, message_id: str) -> list[LoggedReceipt]:
    """What the provider reported of the message that it took, in the order in which it came."""
    return [LoggedReceipt(**row._mapping) for row in connection.execute(RECEIPTS, {"id": message_id})]


def sent(connection: Connection, after: Place, *, most: int) -> list[SentMessage]:
    """Text messages that left and of which nobody said that they failed, or whose code came back all the same: the
    oldest first, those after a place."""
    rows = connection.execute(SENT, {"at": after[0], "id": after[1], "most": most})
    return [SentMessage(**row._mapping) for row in rows]
