"""Codes as a service: a program of the operator's own sends a code for a purpose of its own, and checks it.

send         a code to a number or address               -> code | refused
look         what became of it                           -> place | None
check        is this the code that was sent for that?    -> proved | refused
send_again   another one, once the wait is over          -> code | refused

All limits, counts, texts and receipts are those of our own flows. A code belongs to the program that asked for it, and
to the purpose that it named: for anything else there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flows import one_time_code
from flows.identifier import read_identifier
from flows.outcomes import Next, Refused
from flows.place import Place, place_of
from flows.refusals import explained
from flows.services import Services, Visitor
from storage.accounts import EMAIL, PHONE
from storage.tickets import Ticket

NOT_FOUND = Refused("not_found")


@dataclass(frozen=True)
class Asked:
    """``to`` as it was typed, with the ``country`` of a number in national writing; ``usage``: whose text is sent;
    ``address``: of the person's device, so that its messages are counted too, "" where the program does not say."""

    to: str
    purpose: str
    usage: str = "generic"
    country: str = ""
    language: str = ""
    address: str = ""


@dataclass(frozen=True)
class Known:
    """A code that was sent. ``message_id``: of the newest message; ``to`` is told once it is proved."""

    place: Place
    kind: str
    message_id: str
    to: str


@dataclass(frozen=True)
class Proved:
    kind: str
    to: str


@explained
def send(services: Services, visitor: Visitor, asked: Asked) -> Next | Refused:
    identifier = read_identifier(services, asked.to, asked.country, [PHONE, EMAIL])
    language = asked.language or services.settings().application.language
    person = replace(visitor, address=asked.address, locale=language)
    ticket = one_time_code.send(services, person, identifier, flow=_flow(asked.purpose), usage=asked.usage)
    return Next("code", ticket)


def look(services: Services, visitor: Visitor, ticket_id: str, purpose: str) -> Known | None:
    ticket = one_time_code.find(services, visitor, ticket_id, _flow(purpose))
    place = place_of(services, ticket)
    if ticket is None or place is None:
        return None
    message_id = ticket.sent[0].id if ticket.sent else ""
    return Known(place, ticket.kind, message_id, ticket.address if ticket.proved_at else "")


@explained
def check(services: Services, visitor: Visitor, ticket_id: str, purpose: str, typed: str) -> Proved | Refused:
    ticket = one_time_code.find(services, visitor, ticket_id, _flow(purpose))
    if ticket is None:
        return NOT_FOUND
    ticket, usage = one_time_code.live(ticket, services.clock()), _usage(ticket)
    message_id = one_time_code.check(services, ticket, usage, typed)
    with services.database.write() as connection:
        one_time_code.consume(connection, ticket, message_id, services.clock(), used=True)
    return Proved(ticket.kind, ticket.address)


@explained
def send_again(services: Services, visitor: Visitor, ticket_id: str, purpose: str, address: str = "") -> Next | Refused:
    ticket = one_time_code.find(services, visitor, ticket_id, _flow(purpose))
    if ticket is None:
        return NOT_FOUND
    ticket = one_time_code.live(ticket, services.clock())
    one_time_code.send_again(services, replace(visitor, address=address), ticket, _usage(ticket))
    return Next("code", ticket.id)


def _flow(purpose: str) -> str:
    """No page's flow has such a name."""
    return f"verification:{purpose}"


def _usage(ticket: Ticket) -> str:
    return ticket.sent[0].usage if ticket.sent else "generic"
