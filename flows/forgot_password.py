"""A forgotten password: whoever reads the messages of a number or address of an account gives it a new one.

  1. start         which number or address?                   -> code | refused
  2. check_code    is this the code that we sent there?       -> second_factor | new_password | refused
  3. send_again    another code, once the wait is over        -> code | refused
  4. new_password  and nothing else: nobody is signed in      -> done | second_factor | refused

Until the code is right nothing of the account is touched, and who has no account meets the same pages, waits and
limits, with a message that is never sent. Who has a second factor shows it as well, in a trusted browser too.
"""

from __future__ import annotations

from dataclasses import replace

from flows import look_ups, one_time_code
from flows import new_password as passwords
from flows.first_step import send_code
from flows.identifier import read_identifier
from flows.outcomes import Done, Next, Refused
from flows.place import Place, place_of
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import proofs
from rules.entrance import FORGOT_PASSWORD, second_factors
from rules.refusals import Reason, RefusedError
from settings.console import Settings
from storage import accounts, tickets
from storage.accounts import Entrant
from storage.tickets import Ticket

FLOW = USAGE = FORGOT_PASSWORD


def kinds(services: Services) -> list[str]:
    """By what a password can be had anew; none where nobody has one."""
    settings = services.settings()
    if not _are_used(services, settings):
        return []
    wanted = [kind for kind in ("phone", "email") if getattr(settings.forgot_password, kind)]
    return [kind for kind in wanted if one_time_code.can_send(services, kind)] or wanted


def can_begin(services: Services) -> bool:
    return any(one_time_code.can_send(services, kind) for kind in kinds(services))


def code_first(_services: Services) -> bool:
    return True


def methods(_services: Services, _kind: str) -> list[str]:
    return ["code"]


@explained
def start(services: Services, visitor: Visitor, typed: str, country: str) -> Next | Refused:
    _check_switch(services)
    identifier = read_identifier(services, typed, country, kinds(services))
    withheld = _is_withheld(services, identifier.kind, identifier.value)
    return send_code(services, visitor, identifier, flow=FLOW, usage=USAGE, withheld=withheld)


@explained
def check_code(services: Services, visitor: Visitor, ticket_id: str, typed: str) -> Next | Refused:
    ticket = _place(services, visitor, ticket_id)
    message_id = one_time_code.check(services, ticket, USAGE, typed)
    ticket = look_ups.doubted(services, ticket)
    now = services.clock()
    with services.database.write() as connection:
        entrant = accounts.by_identifier(connection, ticket.kind, ticket.address)
        if entrant is None:
            raise RefusedError(Reason.START_AGAIN)
        _check_suspended(entrant)
        one_time_code.consume(connection, ticket, message_id, now, used=False, account_id=entrant.id)
    return _next(services, replace(ticket, proved_at=now, proved_by="code"), entrant)


@explained
def send_again(services: Services, visitor: Visitor, ticket_id: str) -> Next | Refused:
    ticket = _place(services, visitor, ticket_id)
    withheld = _is_withheld(services, ticket.kind, ticket.address)
    one_time_code.send_again(services, visitor, ticket, USAGE, withheld=withheld)
    return Next("code", ticket.id)


@explained
def standing(services: Services, visitor: Visitor, ticket_id: str) -> Next | Refused:
    """What the visitor can do with what is proved: new_password, or second_factor before it."""
    return _next(services, *_proved(services, visitor, ticket_id))


@explained
def new_password(
    services: Services, visitor: Visitor, ticket_id: str, typed: str, *, end_sessions: bool
) -> Done | Next | Refused:
    ticket, entrant = _proved(services, visitor, ticket_id)
    due = _next(services, ticket, entrant)
    if due.step != "new_password":
        return due
    with services.database.read() as connection:
        names = passwords.own_names(connection, entrant.id)
    alone = passwords.is_alone(services)
    password_hash = passwords.read_new_password(services, typed, alone=alone, context=names)
    now = services.clock()
    with services.database.write() as connection:
        # The account's row first: of several who come at once, the others wait here, and find their tickets ended.
        accounts.set_password(connection, entrant.id, password_hash, now)
        if not tickets.use(connection, ticket.id, now):
            raise RefusedError(Reason.USED_CODE)
        passwords.renew(services, connection, visitor, entrant, end_sessions=end_sessions, proved_with=ticket.address)
    services.wake_delivery()
    return Done()


def code_page(services: Services, visitor: Visitor, ticket_id: str) -> Place | None:
    """What there is to show of a ticket, also of one that is over. Nobody hears what became of the message."""
    return place_of(services, one_time_code.find(services, visitor, ticket_id, FLOW), neutral=True)


def _are_used(services: Services, settings: Settings) -> bool:
    sign_in = services.sign_in()
    by_password = any("password" in sign_in.methods(kind) for kind in sign_in.kinds())
    return by_password or (settings.sign_up.password and not services.ways)


def _check_switch(services: Services, kind: str = "") -> None:
    allowed = kinds(services)
    if not allowed or (kind and kind not in allowed):
        raise RefusedError(Reason.SWITCHED_OFF)


def _place(services: Services, visitor: Visitor, ticket_id: str) -> Ticket:
    """Where the visitor is, if a code can still be typed there."""
    ticket = one_time_code.live(one_time_code.find(services, visitor, ticket_id, FLOW), services.clock())
    _check_switch(services, ticket.kind)
    return ticket


def _proved(services: Services, visitor: Visitor, ticket_id: str) -> tuple[Ticket, Entrant]:
    """The visitor's ticket with its code shown lately, and whose it is: the address must still be that account's."""
    ticket, now = one_time_code.find(services, visitor, ticket_id, FLOW), services.clock()
    if ticket is None or ticket.account_id is None or ticket.expires_at <= now:
        raise RefusedError(Reason.START_AGAIN)
    if ticket.used_at:
        raise RefusedError(Reason.USED_CODE)
    _check_switch(services, ticket.kind)
    if not proofs.is_fresh(max(ticket.proved_at or 0, ticket.second_at or 0), now):
        raise RefusedError(Reason.START_AGAIN)
    with services.database.read() as connection:
        entrant = accounts.by_identifier(connection, ticket.kind, ticket.address)
    if entrant is None or entrant.id != ticket.account_id:
        raise RefusedError(Reason.START_AGAIN)
    _check_suspended(entrant)
    return ticket, entrant


def _next(services: Services, ticket: Ticket, entrant: Entrant) -> Next:
    due = ticket.second_at is None and second_factors(services.settings(), entrant, ticket, services.clock())
    return Next("second_factor" if due else "new_password", ticket.id)


def _check_suspended(entrant: Entrant) -> None:
    """Told to its owner only: whoever comes here has read its messages."""
    if entrant.suspended_at:
        raise RefusedError(Reason.SUSPENDED)


def _is_withheld(services: Services, kind: str, value: str) -> bool:
    with services.database.read() as connection:
        return accounts.owner(connection, kind, value) is None
