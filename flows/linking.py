"""Who came from another provider with an address or number of an account here, or as somebody new.

  1. ask          is it yours? shown by a code to it             -> place | None
                  or by its password or passkey: flows/linking_password.py, flows/passkeys.py
  2. send_code    to that address or number                      -> code | refused
     check_code   is this that code?                             -> signed in, and linked | second_factor | refused
     send_again   another code, once the wait is over            -> code | refused
     separate     an account of its own                          -> signed in | refused

Nothing is linked before the account is proved as at any sign-in, second factor included (flows/entrance.py links).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flows import arrivals, entrance, look_ups, one_time_code
from flows.outcomes import Next, Refused, SignedIn
from flows.place import Place, place_of
from flows.refusals import explained
from flows.services import Services, Visitor
from flows.upstream import offer_of
from rules import emails
from rules.refusals import Reason, RefusedError
from rules.tokens import new_id
from storage import accounts, upstream_identities
from storage.accounts import EMAIL, Identifier
from storage.tickets import Ticket
from storage.upstream_identities import Arrival

FLOW, USAGE = entrance.LINKING, "bind_new_identifier"


@dataclass(frozen=True)
class Question:
    """``title``: of the provider; ``hint``: of what names an account here, "" where nothing does."""

    ticket: str
    title: str
    kind: str
    hint: str
    can_send: bool
    separate: bool


def ask(services: Services, visitor: Visitor, ticket_id: str) -> Question | None:
    try:
        ticket, arrival = arrived(services, visitor, ticket_id)
    except RefusedError:
        return None
    place = place_of(services, ticket)
    return Question(
        ticket=ticket.id,
        title=offer_of(services, arrival.name).title,
        kind=ticket.kind,
        hint=place.hint if place and ticket.account_id else "",
        can_send=one_time_code.can_send(services, ticket.kind),
        separate=_may_separate(services, ticket, arrival),
    )


@explained
def send_code(services: Services, visitor: Visitor, ticket_id: str) -> Next | Refused:
    """The code's page, with a code on its way unless one has been sent."""
    ticket = claimed(services, visitor, ticket_id)
    if not any(sent.expires_at > services.clock() for sent in ticket.sent):
        one_time_code.send_again(services, visitor, ticket, USAGE)
    return Next("code", ticket.id)


@explained
def send_again(services: Services, visitor: Visitor, ticket_id: str) -> Next | Refused:
    ticket, _arrival = arrived(services, visitor, ticket_id)
    one_time_code.send_again(services, visitor, ticket, USAGE)
    return Next("code", ticket.id)


@explained
def check_code(services: Services, visitor: Visitor, ticket_id: str, typed: str) -> SignedIn | Next | Refused:
    """Whose the address is now counts, not whose it was when the person came."""
    ticket, _arrival = arrived(services, visitor, ticket_id)
    message_id = one_time_code.check(services, ticket, USAGE, typed)
    ticket, now = look_ups.doubted(services, ticket), services.clock()
    with services.database.write() as connection:
        entrant = accounts.by_identifier(connection, ticket.kind, ticket.address)
        if entrant is None or entrant.id != ticket.account_id:
            raise RefusedError(Reason.START_AGAIN)
        entrance.check_code_opens(services, connection, entrant, ticket.kind)
        one_time_code.consume(connection, ticket, message_id, now, used=False, account_id=entrant.id)
        proved = replace(ticket, proved_at=now, proved_by="code")
        return entrance.admit(services, connection, visitor, proved, entrant)


@explained
def separate(services: Services, visitor: Visitor, ticket_id: str) -> SignedIn | Next | Refused:
    """An account of their own. An address comes along on the word of a provider that the admin trusts, else not."""
    ticket, arrival = arrived(services, visitor, ticket_id)
    if not _may_separate(services, ticket, arrival):
        raise RefusedError(Reason.SWITCHED_OFF)
    account_id, now = new_id(), services.clock()
    config = services.settings().upstreams.configurations[arrival.name]
    address = emails.read(arrival.email) if config["trusted"] and arrival.email_verified else None
    with services.database.write() as connection:
        accounts.create_unnamed(connection, account_id, ticket.locale, now)
        if address:
            vouched = Identifier(EMAIL, address, vouched_by=arrival.name)
            accounts.add_identifier(connection, account_id, vouched, now)
        return arrivals.enter(services, connection, visitor, ticket, account_id)


def claimed(services: Services, visitor: Visitor, ticket_id: str) -> Ticket:
    """Where the visitor is, if an account here is to be shown. Raises RefusedError."""
    ticket, _arrival = arrived(services, visitor, ticket_id)
    if ticket.account_id is None:
        raise RefusedError(Reason.START_AGAIN)
    return ticket


def code_page(services: Services, visitor: Visitor, ticket_id: str) -> Place | None:
    return place_of(services, one_time_code.find(services, visitor, ticket_id, FLOW))


def arrived(services: Services, visitor: Visitor, ticket_id: str) -> tuple[Ticket, Arrival]:
    """Where the visitor is, and from where they came. Raises RefusedError."""
    ticket = one_time_code.live(one_time_code.find(services, visitor, ticket_id, FLOW), services.clock())
    with services.database.read() as connection:
        arrival = upstream_identities.find_arrival(connection, ticket.id)
    if arrival is None or arrival.name not in services.settings().upstreams.configurations:
        raise RefusedError(Reason.START_AGAIN)
    return ticket, arrival


def _may_separate(services: Services, ticket: Ticket, arrival: Arrival) -> bool:
    config = services.settings().upstreams.configurations[arrival.name]
    return arrivals.may_begin(services, arrival.name) and bool(config["separate"] or ticket.account_id is None)
