"""The step that flows share: send a code to a number, and check what is typed.

  send         a ticket and a message, counted and written together        -> the ticket's id
  send_again   another message of the same ticket, once the wait is over
  check        is this a code that we sent? every try counts first
  consume      the right code is good once, and with it all codes of the ticket

Refusals are raised (RefusedError), so that whatever transaction is open rolls back.
"""

from __future__ import annotations

import hmac
from dataclasses import replace

from flows.counted import counted
from flows.look_ups import line_of
from flows.services import Services, Visitor
from rules import codes, guarding, limits, tries
from rules.exceptions import fixed_code, is_blocked
from rules.refusals import Reason, RefusedError
from rules.risk_reading import Asked
from rules.tokens import hash_token, is_id, new_id
from settings.console import Settings
from settings.keys import Use
from storage import messages, tickets
from storage.accounts import EMAIL, PHONE, Identifier
from storage.database import Connection
from storage.messages import OutgoingMessage
from storage.tickets import SentCode, Ticket

CHANNELS = {PHONE: "sms", EMAIL: "email"}
TICKET_SECONDS = 3600  # longer than a code's life, so that a page left open can ask for another


def begin(
    services: Services,
    visitor: Visitor,
    identifier: Identifier,
    *,
    flow: str,
    parent_id: str | None = None,
    account_id: str | None = None,
) -> str:
    """A ticket without a message, for what is proved by a password, an app or a passkey."""
    with services.database.write() as connection:
        ticket = _ticket(services, visitor, identifier, flow, services.clock(), parent_id)
        tickets.add(connection, replace(ticket, account_id=account_id))
    return ticket.id


def send(
    services: Services,
    visitor: Visitor,
    identifier: Identifier,
    *,
    flow: str,
    usage: str,
    withheld: bool = False,
    parent_id: str | None = None,
    account_id: str | None = None,
    replaces: str | None = None,
    details: str = "",
) -> str:
    """Begin a ticket with its first message. A withheld message counts and looks like any other, but is never sent.

    ``details``: what its words need besides the code (storage/messages.py).
    """
    settings, now = ready(services, identifier.kind), services.clock()
    if is_blocked(settings.exceptions, identifier.kind, identifier.value, visitor.address):
        raise RefusedError(Reason.BLOCKED)
    asked = _asked(services, visitor, identifier, usage, withheld=withheld)
    with counted(services, identifier, usage) as connection:
        charged = _charge(connection, settings, visitor, identifier, usage, asked, now, withheld=withheld)
        ticket = _ticket(services, visitor, identifier, flow, charged.next_at, parent_id)
        ticket = replace(ticket, account_id=account_id, replaces=replaces)
        tickets.add(connection, ticket)
        _put_in_outbox(connection, settings, visitor, ticket, usage, charged, now, withheld=withheld, details=details)
    _tell_worker(services, asked)
    return ticket.id


def _tell_worker(services: Services, asked: Asked | None) -> None:
    """That a message was committed; what the guard counts of it by the hour reaches the database with others'."""
    services.wake_delivery()
    if asked and guarding.is_counted(services.settings(), asked):
        services.count_sent(asked.country, asked.application)


def _ticket(
    services: Services, visitor: Visitor, identifier: Identifier, flow: str, resend_at: float, parent_id: str | None
) -> Ticket:
    now = services.clock()
    return Ticket(
        id=new_id(),
        browser=hash_token(visitor.browser),
        flow=flow,
        kind=identifier.kind,
        address=identifier.value,
        country=identifier.country,
        locale=visitor.locale,
        created_at=now,
        expires_at=now + TICKET_SECONDS,
        resend_at=resend_at,
        parent_id=parent_id,
    )


def send_again(
    services: Services, visitor: Visitor, ticket: Ticket, usage: str, *, withheld: bool = False, details: str = ""
) -> None:
    settings, now = ready(services, ticket.kind), services.clock()
    identifier = Identifier(ticket.kind, ticket.address, ticket.country)
    asked = _asked(services, visitor, identifier, usage, withheld=withheld)
    with counted(services, identifier, usage) as connection:
        if not tickets.hold(connection, ticket.id, now):  # before any counter, as whoever proves the ticket has them
            raise RefusedError(Reason.USED_CODE)
        charged = _charge(connection, settings, visitor, identifier, usage, asked, now, withheld=withheld)
        tickets.resent(connection, ticket.id, charged.next_at)
        _put_in_outbox(connection, settings, visitor, ticket, usage, charged, now, withheld=withheld, details=details)
    _tell_worker(services, asked)


def can_send(services: Services, kind: str) -> bool:
    """Whether a connector carries codes to this kind of identifier, and nobody has switched them off."""
    settings = services.settings()
    return kind in CHANNELS and settings.connectors.can_carry(CHANNELS[kind]) and (kind != PHONE or settings.guard.sms)


def ready(services: Services, kind: str) -> Settings:
    if not can_send(services, kind):
        raise RefusedError(Reason.NOT_SET_UP)
    return services.settings()


def _asked(services: Services, visitor: Visitor, to: Identifier, usage: str, *, withheld: bool) -> Asked | None:
    """What the guard judges, with what a provider knows of the number; None where it judges nothing."""
    if to.kind != PHONE or fixed_code(services.settings().exceptions, to.value):
        return None
    origin = visitor.network or to.value  # of whom nobody knows the address, the number is held against itself
    asked = Asked(to.value, to.country, origin, visitor.application, withheld)
    return replace(asked, line=line_of(services, asked, usage, visitor.address, hash_token(visitor.browser)))


def _charge(
    connection: Connection,
    settings: Settings,
    visitor: Visitor,
    identifier: Identifier,
    usage: str,
    asked: Asked | None,
    now: float,
    *,
    withheld: bool,
) -> limits.Charged:
    recipient = limits.Recipient(
        kind=identifier.kind,
        value=identifier.value,
        country=identifier.country,
        address=visitor.network,
        purpose=usage,
        paid=not withheld,
    )
    charged = limits.charge(connection, settings, recipient, now)
    if asked:
        browser = hash_token(visitor.browser)
        guarding.admit(connection, settings, asked, visitor.address, browser, now, cap=charged.cap)
    return charged


def _put_in_outbox(
    connection: Connection,
    settings: Settings,
    visitor: Visitor,
    ticket: Ticket,
    usage: str,
    charged: limits.Charged,
    now: float,
    *,
    withheld: bool,
    details: str,
) -> None:
    fixed = fixed_code(settings.exceptions, ticket.address)
    message = OutgoingMessage(
        id=new_id(),
        ticket_id=ticket.id,
        usage=usage,
        channel=CHANNELS[ticket.kind],
        recipient=ticket.address,
        country=ticket.country,
        locale=ticket.locale,
        digits=len(fixed) if fixed else settings.codes.length,
        charges=charged.charges,
        created_at=now,
        expires_at=now + settings.codes.minutes * 60,
        withheld=withheld or fixed is not None,
        top_host=visitor.top_host,
        details=details,
    )
    messages.add(connection, message)


def find(services: Services, visitor: Visitor, ticket_id: str, flow: str) -> Ticket | None:
    """The visitor's ticket of this id, or their newest of the flow where no id is given. Reads only."""
    if not visitor.browser or (ticket_id and not is_id(ticket_id)):
        return None
    with services.database.read() as connection:
        newest = services.settings().codes.newest
        return tickets.find(connection, ticket_id, hash_token(visitor.browser), flow, newest=newest)


def live(ticket: Ticket | None, now: float) -> Ticket:
    """The ticket, if a code can still be typed or asked for."""
    if ticket is None or ticket.expires_at <= now:
        raise RefusedError(Reason.START_AGAIN)
    if ticket.proved_at:
        raise RefusedError(Reason.USED_CODE)
    return ticket


def check(services: Services, ticket: Ticket, usage: str, typed: str) -> str:
    """The id of the ticket's message whose code was ``typed``, if it is still good. Raises RefusedError."""
    settings, now = services.settings(), services.clock()
    candidates = [sent for sent in ticket.sent if sent.usage == usage]
    code = codes.read(typed, {sent.digits for sent in candidates} or {settings.codes.length})
    with services.database.write() as connection:  # of its own: whatever fails later, the try stays counted
        left = tries.count(connection, settings, ticket.id, usage, ticket.address, now)
    right = _right_ones(services, ticket, candidates, code)
    if not right:
        raise RefusedError(Reason.WRONG_CODE if left else Reason.TOO_MANY_TRIES, tries_left=left)
    if all(sent.expires_at <= now for sent in right):
        raise RefusedError(Reason.EXPIRED_CODE)
    return right[0].id


def _right_ones(services: Services, ticket: Ticket, candidates: list[SentCode], code: str) -> list[SentCode]:
    """The messages whose code it is. A test number has one fixed code, and the derived one opens nothing."""
    fixed = fixed_code(services.settings().exceptions, ticket.address)
    if fixed:
        return [sent for sent in candidates if hmac.compare_digest(fixed, code)]
    keys = services.keys.all(Use.CODES)
    return [sent for sent in candidates if codes.is_code_of(keys, code, sent.id, ticket.address, sent.digits)]


def consume(
    connection: Connection,
    ticket: Ticket,
    message_id: str,
    now: float,
    *,
    used: bool,
    account_id: str | None = None,
) -> None:
    """Spend the ticket's codes, and with ``used`` what they prove. Raises RefusedError where somebody was faster."""
    if not tickets.prove(
        connection,
        ticket.id,
        now,
        used=used,
        account_id=account_id,
        doubted_at=ticket.doubted_at,
        typed_back=message_id,
    ):
        raise RefusedError(Reason.USED_CODE)
    if ticket.by_pass:
        guarding.kept(connection, ticket.browser, ticket.address, now)
