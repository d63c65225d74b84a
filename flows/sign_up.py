"""Sign up with a phone number and a code.

  1. start        which number?                          -> code | refused
  2. check_code   is this a code that we sent?           -> signed in | refused
  3. send_again   another code, once the wait is over    -> code | refused

A number that has an account already ends signed in to it: whoever reads its messages is its owner.
"""

from __future__ import annotations

from flows import new_account, one_time_code
from flows.outcomes import Next, Refused, SignedIn
from flows.phone_number import begin, read_phone
from flows.place import Place, place_of
from flows.refusals import explained
from flows.services import Services, Visitor
from rules.refusals import Reason, RefusedError
from storage.tickets import Ticket

FLOW, USAGE = "sign_up", "register"


@explained
def start(services: Services, visitor: Visitor, phone: str, country: str) -> Next | Refused:
    _check_switch(services)
    return begin(services, visitor, read_phone(services, phone, country), flow=FLOW, usage=USAGE)


@explained
def check_code(services: Services, visitor: Visitor, ticket_id: str, typed: str) -> SignedIn | Refused:
    _check_switch(services)
    ticket = place(services, visitor, ticket_id)
    message_id = one_time_code.check(services, ticket, USAGE, typed)
    with services.database.write() as connection:
        one_time_code.consume(connection, ticket, USAGE, message_id, services.clock(), used=True)
        return new_account.open_or_enter(services, connection, visitor, ticket)


@explained
def send_again(services: Services, visitor: Visitor, ticket_id: str) -> Next | Refused:
    _check_switch(services)
    ticket = place(services, visitor, ticket_id)
    one_time_code.send_again(services, visitor, ticket, USAGE)
    return Next("code", ticket.id)


def place(services: Services, visitor: Visitor, ticket_id: str) -> Ticket:
    """Where the visitor is, if a code can still be typed there. Raises RefusedError."""
    return one_time_code.live(one_time_code.find(services, visitor, ticket_id, FLOW), services.clock())


def code_page(services: Services, visitor: Visitor, ticket_id: str) -> Place | None:
    """What there is to show of a ticket, also of one that is over."""
    return place_of(services, one_time_code.find(services, visitor, ticket_id, FLOW))


def _check_switch(services: Services) -> None:
    if not services.settings().sign_up.enabled:
        raise RefusedError(Reason.SWITCHED_OFF)
