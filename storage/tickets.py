"""Tickets: a visitor's place in a flow, with the messages that were sent for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from storage.database import Connection


@dataclass(frozen=True)
class SentCode:
    """A message of a ticket, as far as checking and telling need it. Its ``id`` is what its code is derived from."""

    id: str
    digits: int
    created_at: float
    expires_at: float
    state: str
    refusal: str | None
    receipt: int


@dataclass(frozen=True)
class Ticket:
    """``sent``: newest first. ``browser``: the hash of the secret of the browser that it belongs to."""

    id: str
    browser: str
    flow: str
    number: str
    country: str
    locale: str
    created_at: float
    expires_at: float
    resend_at: float
    proved_at: float | None = None
    used_at: float | None = None
    sent: tuple[SentCode, ...] = ()


COLUMNS = ("id", "browser", "flow", "number", "country", "locale", "created_at", "expires_at", "resend_at")

ADD = text(
    """INSERT INTO tickets (id, browser, flow, number, country, locale, created_at, expires_at, resend_at)
    VALUES (:id, :browser, :flow, :number, :country, :locale, :created_at, :expires_at, :resend_at)"""
)
FIND = """SELECT t.id, t.browser, t.flow, t.number, t.country, t.locale, t.created_at, t.expires_at, t.resend_at,
    t.proved_at, t.used_at, m.id AS message_id, m.digits, m.created_at AS sent_at, m.expires_at AS good_until,
    m.state, m.refusal, m.receipt
    FROM tickets t LEFT JOIN messages m ON m.ticket_id = t.id
    WHERE {which} ORDER BY m.created_at DESC LIMIT :newest"""
FIND_BY_ID = text(FIND.format(which="t.id = :id AND t.browser = :browser AND t.flow = :flow"))
FIND_NEWEST = text(
    FIND.format(
        which="""t.id = (SELECT id FROM tickets WHERE browser = :browser AND flow = :flow
        ORDER BY created_at DESC LIMIT 1)"""
    )
)
PROVE = text(
    "UPDATE tickets SET proved_at = :now, used_at = :used_at WHERE id = :id AND proved_at IS NULL AND expires_at > :now"
)
USE = text("UPDATE tickets SET used_at = :now WHERE id = :id AND used_at IS NULL AND expires_at > :now")
RESENT = text("UPDATE tickets SET resend_at = :resend_at WHERE id = :id AND proved_at IS NULL AND expires_at > :now")
PRUNE = text("DELETE FROM tickets WHERE expires_at < :before")


def add(connection: Connection, ticket: Ticket) -> None:
    connection.execute(ADD, vars(ticket))


def find(connection: Connection, ticket_id: str, browser: str, flow: str, *, newest: int) -> Ticket | None:
    """The browser's ticket of this id, or its newest of the flow where no id is given, with its newest messages."""
    parameters = {"id": ticket_id, "browser": browser, "flow": flow, "newest": newest}
    return _read(connection.execute(FIND_BY_ID if ticket_id else FIND_NEWEST, parameters).all())


def _read(rows: Sequence[Row[Any]]) -> Ticket | None:
    if not rows:
        return None
    first = rows[0]._mapping
    sent = tuple(
        SentCode(row.message_id, row.digits, row.sent_at, row.good_until, row.state, row.refusal, row.receipt)
        for row in rows
        if row.message_id
    )
    names = (*COLUMNS, "proved_at", "used_at")
    return Ticket(**{name: first[name] for name in names}, sent=sent)


def prove(connection: Connection, ticket_id: str, now: float, *, used: bool) -> bool:
    """The right code was typed: true for one caller only. All codes of the ticket are consumed with it.

    ``used``: what it proved was spent in the same breath.
    """
    parameters = {"id": ticket_id, "now": now, "used_at": now if used else None}
    return connection.execute(PROVE, parameters).rowcount == 1


def use(connection: Connection, ticket_id: str, now: float) -> bool:
    """What the ticket proved is spent: true for one caller only."""
    return connection.execute(USE, {"id": ticket_id, "now": now}).rowcount == 1


def resent(connection: Connection, ticket_id: str, resend_at: float, now: float) -> bool:
    return connection.execute(RESENT, {"id": ticket_id, "resend_at": resend_at, "now": now}).rowcount == 1


def prune(connection: Connection, before: float) -> int:
    return connection.execute(PRUNE, {"before": before}).rowcount
