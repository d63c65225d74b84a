"""Sign up with a phone number, an e-mail address or a username.

  1. start        which one?                             -> code | name | refused
  2. check_code   is this a code that we sent?           -> signed in | second_factor | refused
  3. send_again   another code, once the wait is over    -> code | refused
  4. choose_name  a username and its password            -> signed in | refused

A number or address that has an account already ends signed in to it, where a code to it is a way in.
What else an account must have is asked for after this, by flows/complete.py.
"""

from __future__ import annotations

from dataclasses import replace

from flows import arrivals, entrance, look_ups, one_time_code, upstream
from flows.first_step import send_code
from flows.identifier import read_identifier
from flows.new_password import read_new_password
from flows.outcomes import Next, Refused, SignedIn
from flows.place import Place, place_of
from flows.refusals import explained
from flows.services import Services, Visitor
from rules.proofs import Proof
from rules.refusals import Reason, RefusedError
from rules.tokens import new_id
from settings.consistency import HAS
from storage import accounts
from storage.accounts import EMAIL, PHONE, USERNAME
from storage.tickets import Ticket

FLOW, USAGE = "sign_up", "register"
FIRST_PROOFS = {PHONE: "phone_code", EMAIL: "email_code", USERNAME: "username_password"}


def kinds(services: Services) -> list[str]:
    """What can be typed to begin. Where number and address are both asked for, the number comes first."""
    sign_in, wanted = services.settings().sign_in, services.settings().sign_up.identifier
    if not sign_in.kinds() and not sign_in.passkey:  # people come from other providers alone
        return []
    kinds = HAS[wanted][:1] if wanted == "phone_and_email" else HAS[wanted]
    return [kind for kind in kinds if not services.ways or FIRST_PROOFS[kind] in services.ways]


def is_open(services: Services) -> bool:
    new = [offer for offer in upstream.offers(services) if arrivals.may_begin(services, offer.name)]
    return services.settings().sign_up.enabled and bool(kinds(services) or new)


def can_begin(services: Services) -> bool:
    return kinds(services) == [USERNAME] or any(one_time_code.can_send(services, kind) for kind in kinds(services))


def code_first(_services: Services) -> bool:
    return True


def methods(_services: Services, _kind: str) -> list[str]:
    """How an identifier is proved at sign-up."""
    return ["code"]


@explained
def start(services: Services, visitor: Visitor, typed: str, country: str) -> Next | Refused:
    _check_switch(services)
    identifier = read_identifier(services, typed, country, kinds(services))
    return send_code(services, visitor, identifier, flow=FLOW, usage=USAGE)


@explained
def check_code(services: Services, visitor: Visitor, ticket_id: str, typed: str) -> SignedIn | Next | Refused:
    _check_switch(services)
    ticket = place(services, visitor, ticket_id)
    message_id = one_time_code.check(services, ticket, USAGE, typed)
    ticket = look_ups.doubted(services, ticket)
    now = services.clock()
    with services.database.write() as connection:
        one_time_code.consume(connection, ticket, message_id, now, used=False)
        proved = replace(ticket, proved_at=now, proved_by="code")
        return entrance.open_or_enter(services, connection, visitor, proved)


@explained
def choose_name(services: Services, visitor: Visitor, name: str, password: str) -> SignedIn | Refused:
    """An account by a name of one's own. That a name is taken has to be told."""
    _check_switch(services)
    if kinds(services) != [USERNAME]:
        raise RefusedError(Reason.SWITCHED_OFF)
    identifier = read_identifier(services, name, "", [USERNAME])
    password_hash = read_new_password(services, password, alone=True, context=(identifier.value,))
    account_id, now = new_id(), services.clock()
    with services.database.write() as connection:
        if not accounts.create(connection, account_id, identifier, visitor.locale, now):
            raise RefusedError(Reason.NAME_TAKEN)
        accounts.set_password(connection, account_id, password_hash, now)
        entrant = accounts.by_id(connection, account_id)
        assert entrant, "it was made a few lines above"
        shown = (Proof("password", USERNAME, now),)
        return entrance.begin_session(services, connection, visitor, entrant, shown)


@explained
def standing(services: Services, visitor: Visitor, ticket_id: str) -> Next | Refused:
    """Where a ticket goes on that is proved and opened nothing yet: to the second factor."""
    ticket = one_time_code.find(services, visitor, ticket_id, FLOW)
    if ticket is None or ticket.proved_at is None or ticket.used_at or ticket.expires_at <= services.clock():
        raise RefusedError(Reason.START_AGAIN)
    return Next("second_factor", ticket.id)


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
    if not services.settings().sign_up.enabled or not kinds(services):
        raise RefusedError(Reason.SWITCHED_OFF)
