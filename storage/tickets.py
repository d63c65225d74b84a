"""Tickets: a visitor's place in a flow, with the messages that were sent for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, text

from storage.database import Connection, rows_of


@dataclass(frozen=True)
class SentCode:
    """A message of a ticket, as far as checking and telling need it. Its ``id`` is what its code is derived from."""

    id: str
    usage: str
    digits: int
    created_at: float
    expires_at: float
    state: str
    refusal: str | None
    receipt: int


@dataclass(frozen=True)
class Ticket:
    """``address`` is what is to be proved, of a ``kind`` of identifier. ``browser``: the hash of its browser's secret.

    ``proved_by``: code, password, passkey or upstream; ``second_by``: the second factor that was shown.
    ``account_id``: whose it is, where more than the address tells; ``parent_id``: the ticket that it is a step of, or
    the invitation that it accepts; ``replaces``: the number or address of the account in whose place this one comes.
    ``doubted_at``: when its number's SIM card was found to have been changed; ``by_pass``: a solved challenge was spent
    on a message to the number. ``sent``: newest first.
    """

    id: str
    browser: str
    flow: str
    address: str
    country: str
    locale: str
    created_at: float
    expires_at: float
    resend_at: float
    kind: str = "phone"
    account_id: str | None = None
    parent_id: str | None = None
    replaces: str | None = None
    proved_at: float | None = None
    proved_by: str | None = None
    second_at: float | None = None
    second_by: str | None = None
    used_at: float | None = None
    doubted_at: float | None = None
    by_pass: bool = False
    sent: tuple[SentCode, ...] = ()


@dataclass(frozen=True)
class TypedBack:
    """The code of a message came back from the address, of a ``kind`` of identifier, that it was sent to. ``usage``: ""
    where the message is gone by now."""

    message_id: str
    usage: str
    kind: str
    address: str
    at: float


COLUMNS = (
    *("id", "browser", "flow", "kind", "address", "country", "locale", "created_at", "expires_at", "resend_at"),
    *("account_id", "parent_id", "replaces"),
)
PROGRESS = ("proved_at", "proved_by", "second_at", "second_by", "used_at", "doubted_at")

ADD = text(
    f"INSERT INTO tickets ({', '.join(COLUMNS)}) VALUES ({', '.join(f':{name}' for name in COLUMNS)})"  # noqa: S608
)
OF_MESSAGE = ("message_id", "usage", "digits", "sent_at", "good_until", "state", "refusal", "receipt")
FOUND = (*COLUMNS, *PROGRESS, "by_pass", *OF_MESSAGE)
FIND = f"""SELECT {", ".join(f"t.{name}" for name in (*COLUMNS, *PROGRESS))},
    EXISTS (SELECT 1 FROM guard_passes p WHERE p.browser = t.browser AND p.number = t.address) AS by_pass,
    m.id AS message_id, m.usage, m.digits, m.created_at AS sent_at, m.expires_at AS good_until, m.state, m.refusal,
    m.receipt
    FROM tickets t LEFT JOIN messages m ON m.ticket_id = t.id
    WHERE {{which}} ORDER BY m.created_at DESC LIMIT :newest"""  # noqa: S608 - constants
FIND_BY_ID = rows_of(FIND.format(which="t.id = :id AND t.browser = :browser AND t.flow = :flow"), FOUND)
FIND_NEWEST = rows_of(
    FIND.format(
        which="""t.id = (SELECT id FROM tickets WHERE browser = :browser AND flow = :flow
        ORDER BY created_at DESC LIMIT 1)"""
    ),
    FOUND,
)
PROVE = text(
    """UPDATE tickets SET proved_at = :now, proved_by = :by, used_at = :used_at,
    account_id = COALESCE(:account_id, account_id), doubted_at = :doubted_at, typed_back = :typed_back
    WHERE id = :id AND proved_at IS NULL AND expires_at > :now"""
)
SECOND = text(
    """UPDATE tickets SET second_at = :now, second_by = :by
    WHERE id = :id AND proved_at IS NOT NULL AND second_at IS NULL AND used_at IS NULL AND expires_at > :now"""
)
USE = text("UPDATE tickets SET used_at = :now WHERE id = :id AND used_at IS NULL AND expires_at > :now")
# A ticket that a code proved names its account by the number or address alone.
END_ALL = text(
    """UPDATE tickets SET used_at = :now WHERE expires_at > :now AND used_at IS NULL AND proved_at IS NOT NULL
    AND (account_id = :account_id OR account_id IS NULL AND EXISTS (SELECT 1 FROM identifiers i
        WHERE i.kind = tickets.kind AND i.value = tickets.address AND i.account_id = :account_id))"""
)
HOLD = text("UPDATE tickets SET resend_at = resend_at WHERE id = :id AND proved_at IS NULL AND expires_at > :now")
RESENT = text("UPDATE tickets SET resend_at = :resend_at WHERE id = :id")
ANY_TYPED_BACK = text("SELECT 1 FROM tickets WHERE typed_back IS NOT NULL LIMIT 1")
TYPED_BACK = """SELECT t.id, t.kind, t.address, t.proved_at, t.typed_back, m.usage
    FROM tickets t LEFT JOIN messages m ON m.id = t.typed_back WHERE t.typed_back IS NOT NULL
    ORDER BY t.proved_at LIMIT :most {lock}"""
TYPED_BACK_SQLITE = text(TYPED_BACK.format(lock=""))
TYPED_BACK_POSTGRESQL = text(TYPED_BACK.format(lock="FOR NO KEY UPDATE OF t SKIP LOCKED"))
TAKE_TYPED_BACK = text("UPDATE tickets SET typed_back = NULL WHERE id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)


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
        SentCode(
            row.message_id, row.usage, row.digits, row.sent_at, row.good_until, row.state, row.refusal, row.receipt
        )
        for row in rows
        if row.message_id
    )
    return Ticket(**{name: first[name] for name in (*COLUMNS, *PROGRESS)}, by_pass=bool(first["by_pass"]), sent=sent)


def prove(
    connection: Connection,
    ticket_id: str,
    now: float,
    *,
    used: bool,
    by: str = "code",
    account_id: str | None = None,
    doubted_at: float | None = None,
    typed_back: str | None = None,
) -> bool:
    """The right code was typed, or what stands for it: true for one caller only. Every code of it is consumed.

    ``used``: what it proved was spent in the same breath; ``typed_back``: the message whose code it was. That message
    and the guard are told later: :func:`take_typed_back`.
    """
    used_at = now if used else None
    parameters = {"id": ticket_id, "now": now, "used_at": used_at, "by": by, "account_id": account_id}
    parameters |= {"doubted_at": doubted_at, "typed_back": typed_back}
    return connection.execute(PROVE, parameters).rowcount == 1


def any_typed_back(connection: Connection) -> bool:
    return connection.execute(ANY_TYPED_BACK).first() is not None


def take_typed_back(connection: Connection, *, most: int) -> list[TypedBack]:
    """Codes that were typed back and of which nobody was told yet: each once, the earliest first."""
    statement = TYPED_BACK_SQLITE if connection.dialect.name == "sqlite" else TYPED_BACK_POSTGRESQL
    rows = connection.execute(statement, {"most": most}).all()
    if rows:
        connection.execute(TAKE_TYPED_BACK, {"ids": [row.id for row in rows]})
    return [TypedBack(row.typed_back, row.usage or "", row.kind, row.address, row.proved_at) for row in rows]


def show_second(connection: Connection, ticket_id: str, by: str, now: float) -> bool:
    """A second factor was shown: true for one caller only."""
    return connection.execute(SECOND, {"id": ticket_id, "by": by, "now": now}).rowcount == 1


def use(connection: Connection, ticket_id: str, now: float) -> bool:
    """What the ticket proved is spent: true for one caller only."""
    return connection.execute(USE, {"id": ticket_id, "now": now}).rowcount == 1


def end_all(connection: Connection, account_id: str, now: float) -> int:
    """Whatever was proved for this account and not spent is worth nothing any more."""
    return connection.execute(END_ALL, {"account_id": account_id, "now": now}).rowcount


def hold(connection: Connection, ticket_id: str, now: float) -> bool:
    """Whether a code can still be sent for it; nobody proves it until the transaction ends."""
    return connection.execute(HOLD, {"id": ticket_id, "now": now}).rowcount == 1


def resent(connection: Connection, ticket_id: str, resend_at: float) -> None:
    """``resend_at``: when another message may be asked for. Of a ticket that is held."""
    connection.execute(RESENT, {"id": ticket_id, "resend_at": resend_at})
