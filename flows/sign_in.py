"""Sign in with a phone number and a code.

  1. start            which number?                              -> code | refused
  2. check_code       is this a code that we sent?               -> signed in | create_account | refused
  3. send_again       another code, once the wait is over        -> code | refused
  4. create_account   the number is proved but has no account    -> signed in | refused

A number without an account gets the same page and the same message, or where sign-up is off no message and the same
page: who has an account is told to nobody but the number's owner.
"""

from __future__ import annotations

from flows import new_account, one_time_code, sessions
from flows.outcomes import Next, Refused, SignedIn
from flows.phone_number import begin, read_phone
from flows.place import Place, place_of
from flows.refusals import explained
from flows.services import Services, Visitor
from rules.refusals import Reason, RefusedError
from storage import accounts, tickets
from storage.tickets import Ticket

FLOW = USAGE = "sign_in"


@explained
def start(services: Services, visitor: Visitor, phone: str, country: str) -> Next | Refused:
    _check_switch(services)
    number = read_phone(services, phone, country)
    return begin(services, visitor, number, flow=FLOW, usage=USAGE, withheld=_is_withheld(services, number.e164))


@explained
def check_code(services: Services, visitor: Visitor, ticket_id: str, typed: str) -> Next | SignedIn | Refused:
    _check_switch(services)
    ticket = place(services, visitor, ticket_id)
    message_id = one_time_code.check(services, ticket, USAGE, typed)
    with services.database.write() as connection:
        signed_in = sessions.begin_for_number(services, connection, visitor, ticket.number)
        one_time_code.consume(connection, ticket, USAGE, message_id, services.clock(), used=signed_in is not None)
    if signed_in:
        return signed_in
    if not services.settings().sign_up.enabled:
        raise RefusedError(Reason.START_AGAIN)
    return Next("create_account", ticket.id)


@explained
def send_again(services: Services, visitor: Visitor, ticket_id: str) -> Next | Refused:
    _check_switch(services)
    ticket = place(services, visitor, ticket_id)
    one_time_code.send_again(services, visitor, ticket, USAGE, withheld=_is_withheld(services, ticket.number))
    return Next("code", ticket.id)


@explained
def create_account(services: Services, visitor: Visitor, ticket_id: str) -> SignedIn | Refused:
    if not services.settings().sign_up.enabled:
        raise RefusedError(Reason.SWITCHED_OFF)
    ticket = proved_place(services, visitor, ticket_id)
    with services.database.write() as connection:
        if not tickets.use(connection, ticket.id, services.clock()):
            raise RefusedError(Reason.USED_CODE)
        return new_account.open_or_enter(services, connection, visitor, ticket)


def place(services: Services, visitor: Visitor, ticket_id: str) -> Ticket:
    """Where the visitor is, if a code can still be typed there. Raises RefusedError."""
    return one_time_code.live(one_time_code.find(services, visitor, ticket_id, FLOW), services.clock())


def code_page(services: Services, visitor: Visitor, ticket_id: str) -> Place | None:
    """What there is to show of a ticket, also of one that is over."""
    return place_of(services, one_time_code.find(services, visitor, ticket_id, FLOW))


def proved_place(services: Services, visitor: Visitor, ticket_id: str) -> Ticket:
    """Where the visitor is, if the number is proved and that is not spent."""
    ticket = one_time_code.find(services, visitor, ticket_id, FLOW)
    if ticket is None or ticket.proved_at is None or ticket.used_at or ticket.expires_at <= services.clock():
        raise RefusedError(Reason.START_AGAIN)
    return ticket


def _check_switch(services: Services) -> None:
    if not services.settings().sign_in.enabled:
        raise RefusedError(Reason.SWITCHED_OFF)


def _is_withheld(services: Services, number: str) -> bool:
    if services.settings().sign_up.enabled:
        return False
    with services.database.read() as connection:
        return accounts.owner(connection, number) is None
