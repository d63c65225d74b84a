"""The outbox: messages wait here until a worker has handed them to a provider.

States: queued; sending (a worker holds it until ``due_at``, then another takes it); at last accepted, refused, unknown
or expired. Withheld is a message that nobody may get: it stands in for one, so that a stranger's visit looks like a
member's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, TextualSelect, bindparam, text

from storage import receipts
from storage.database import Connection, rows_of
from storage.receipts import Moved

LEASE_SECONDS = 30  # longer than any provider call


@dataclass(frozen=True)
class OutgoingMessage:
    """``charges``: what was counted for it, as (key, period, amount), to be given back if it is not sent."""

    id: str
    ticket_id: str | None
    usage: str
    recipient: str
    country: str
    locale: str
    digits: int
    charges: Sequence[tuple[str, int, int]]
    created_at: float
    expires_at: float
    channel: str = "sms"
    withheld: bool = False
    top_host: str = ""
    details: str = ""


@dataclass(frozen=True)
class OutboxRow:
    """What a message is written from. ``channel``: sms or email; ``top_host``: of the page whose frame asked for it;
    ``details``: of an alarm, an act or an invitation, as JSON."""

    id: str
    usage: str
    channel: str
    recipient: str
    country: str
    locale: str
    digits: int
    created_at: float
    expires_at: float
    top_host: str
    details: str


@dataclass(frozen=True)
class ClaimedMessage(OutboxRow):
    """A message that this worker holds. ``attempts`` counts this one; so many earlier ones never ended.

    ``begun_with``: the connector of its first attempt, or of the one that never ended.
    """

    charges: tuple[tuple[str, int, int], ...]
    attempts: int
    interrupted: int
    begun_with: str | None


@dataclass(frozen=True)
class ListedMessage(OutboxRow):
    """A message as the development page lists it."""

    state: str
    connector: str | None


@dataclass(frozen=True)
class PastAttempt:
    """An attempt of the message ``id``, or where not ``own`` of another one of its ticket."""

    id: str
    own: bool
    connector: str
    outcome: str


ADD = text(
    """INSERT INTO messages (id, ticket_id, usage, channel, recipient, country, locale, digits, charges, created_at,
    expires_at, state, due_at, attempts, top_host, details)
    VALUES (:id, :ticket_id, :usage, :channel, :recipient, :country, :locale, :digits, :charges,
    :created_at, :expires_at, :state, :created_at, 0, :top_host, :details)"""
)
WAITING = "state IN ('queued', 'sending') AND due_at <= :now"
ANY_WAITING = text(f"SELECT 1 FROM messages WHERE {WAITING} LIMIT 1")  # noqa: S608 - a constant
# MATERIALIZED: as a plain subquery PostgreSQL may run it once more for each row, and take more than was asked for.
CLAIM = """WITH due AS MATERIALIZED
    (SELECT id FROM messages WHERE {waiting} ORDER BY due_at LIMIT :most {lock})
    UPDATE messages SET attempts = attempts + 1, due_at = :lease, state = 'sending'
    WHERE id IN (SELECT id FROM due)
    RETURNING {columns},
    (SELECT count(*) FROM attempts a WHERE a.message_id = messages.id AND a.outcome = 'calling') AS interrupted,
    (SELECT a.connector FROM attempts a WHERE a.message_id = messages.id
        ORDER BY a.outcome = 'calling' DESC, a.number LIMIT 1) AS begun_with"""
CLAIMED = """id, usage, channel, recipient, country, locale, digits, charges, created_at, expires_at, attempts,
    top_host, details"""


def _claim_statement(lock: str) -> TextualSelect:
    statement = CLAIM.format(waiting=WAITING, lock=lock, columns=CLAIMED)
    return rows_of(statement, [*re.split(r",\s+", CLAIMED), "interrupted", "begun_with"])


CLAIM_SQLITE, CLAIM_POSTGRESQL = _claim_statement(""), _claim_statement("FOR UPDATE SKIP LOCKED")
BEGIN_ATTEMPT = text(
    """INSERT INTO attempts (message_id, number, connector, started_at, outcome)
    VALUES (:message_id, :number, :connector, :now, 'calling')"""
)
END_ATTEMPT = text(
    """UPDATE attempts SET ended_at = :now, outcome = :outcome, refusal = :refusal, code = :code, detail = :detail
    WHERE message_id = :message_id AND number = :number"""
)
# Why it failed stays where its receipt came first.
FINISH = rows_of(
    f"""UPDATE messages SET state = :state, provider_id = :provider_id, due_at = :due_at, connector = :connector,
    refusal = COALESCE(:refusal, CASE WHEN receipt = {receipts.FAILED} THEN refusal END),
    price = COALESCE(:price, price), currency = CASE WHEN :price IS NULL THEN currency ELSE :currency END
    WHERE id = :id AND attempts = :attempts AND state = 'sending'
    RETURNING :provider_id <> '' AND EXISTS (SELECT 1 FROM receipts r
        WHERE r.connector = :connector AND r.provider_id = :provider_id) AS reported""",  # noqa: S608 - a constant
    ["reported"],
)
HISTORY = text(
    """SELECT m.id, a.message_id = m.id AS own, a.connector, a.outcome
    FROM messages m JOIN messages e ON e.id = m.id OR e.ticket_id = m.ticket_id
    JOIN attempts a ON a.message_id = e.id WHERE m.id IN :ids"""
).bindparams(bindparam("ids", expanding=True))
NEWEST = text(
    """SELECT id, usage, channel, recipient, country, locale, digits, created_at, expires_at, state, connector,
    top_host, details FROM messages ORDER BY created_at DESC LIMIT :most"""
)
VERIFIED = text("UPDATE messages SET verified_at = :at WHERE id = :id")
DETAILS = text("SELECT id, details FROM messages WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))


def add(connection: Connection, message: OutgoingMessage) -> None:
    state = "withheld" if message.withheld else "queued"
    connection.execute(ADD, vars(message) | {"charges": json.dumps(message.charges), "state": state})


def any_waiting(connection: Connection, now: float) -> bool:
    return connection.execute(ANY_WAITING, {"now": now}).first() is not None


def claim(connection: Connection, now: float, *, most: int) -> list[ClaimedMessage]:
    """Take up to ``most`` messages that are due, for as long as a lease."""
    statement = CLAIM_SQLITE if connection.dialect.name == "sqlite" else CLAIM_POSTGRESQL
    parameters = {"now": now, "lease": now + LEASE_SECONDS, "most": most}
    return [_claimed(row) for row in connection.execute(statement, parameters)]


def begin(connection: Connection, chosen: Sequence[tuple[ClaimedMessage, str]], now: float) -> None:
    """Note that each message is about to be tried, and with which connector."""
    begun = [{"message_id": m.id, "number": m.attempts, "connector": name, "now": now} for m, name in chosen]
    if begun:
        connection.execute(BEGIN_ATTEMPT, begun)


def history(connection: Connection, ids: Sequence[str]) -> list[PastAttempt]:
    """Every attempt so far, of these messages and of the others of their tickets."""
    return [PastAttempt(**row._mapping) for row in connection.execute(HISTORY, {"ids": list(ids)})]


def _claimed(row: Row[Any]) -> ClaimedMessage:
    values = dict(row._mapping)
    charges = tuple((key, period, amount) for key, period, amount in json.loads(values.pop("charges")))
    return ClaimedMessage(**values, charges=charges)


@dataclass(frozen=True)
class Ending:
    """How an attempt ended: the state that the message takes, and what the provider said (for admins only)."""

    state: str
    outcome: str
    connector: str = ""
    refusal: str | None = None
    provider_id: str = ""
    code: str = ""
    detail: str = ""
    due_at: float = 0
    price: float | None = None
    currency: str = ""


def finish(connection: Connection, message: ClaimedMessage, ending: Ending, now: float) -> list[Moved] | None:
    """Write an attempt's end; with what receipts that came before the reply make of it.

    None where another worker has taken the message since: nothing is changed then.
    """
    receipts.meet(connection, ending.connector, ending.provider_id)
    same = {"refusal": ending.refusal}
    finished = connection.execute(
        FINISH,
        same
        | {
            "id": message.id,
            "attempts": message.attempts,
            "state": ending.state,
            "provider_id": ending.provider_id,
            "due_at": ending.due_at,
            "connector": ending.connector or None,
            "price": ending.price,
            "currency": ending.currency,
        },
    ).one_or_none()
    connection.execute(
        END_ATTEMPT,
        same
        | {
            "message_id": message.id,
            "number": message.attempts,
            "now": now,
            "outcome": ending.outcome,
            "code": ending.code,
            "detail": ending.detail,
        },
    )
    if finished is None:
        return None
    return receipts.take_early(connection, ending.connector, ending.provider_id, now) if finished.reported else []


def newest(connection: Connection, *, most: int) -> list[ListedMessage]:
    return [ListedMessage(**row._mapping) for row in connection.execute(NEWEST, {"most": most})]


def details(connection: Connection, ids: Sequence[str]) -> dict[str, Any]:
    """What those of these messages that are still kept were written with."""
    rows = connection.execute(DETAILS, {"ids": list(ids)}) if ids else ()
    return {row.id: json.loads(row.details or "{}") for row in rows}


def verified(connection: Connection, times: Mapping[str, float]) -> None:
    """The codes of these messages were typed back, each at its time."""
    connection.execute(VERIFIED, [{"id": message_id, "at": at} for message_id, at in sorted(times.items())])
