"""A person confirms one act that an application names, by a code that comes with the act's text.

start        the text, and to which of their own numbers or addresses     -> code | refused
look         what became of the message                                   -> place | None
check_code   is this the code that was sent for this act?                 -> confirmed | refused
send_again   another one, once the wait is over                           -> code | refused

A code belongs to the act, the person and the application: for any other there is none. Its tickets are named after the
act's hash; the text itself stands in the outbox alone, where the account's events find it as long as it is there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from flows import one_time_code, proof
from flows.first_step import send_code
from flows.outcomes import Next, Refused
from flows.place import Place, place_of
from flows.refusals import explained
from flows.services import Services, Visitor
from rules.acts import LONGEST, act_hash
from rules.acts import read as read_act
from rules.proofs import Proof
from settings.templates import ACT
from storage import accounts, events, number_claims
from storage.sessions import Session
from storage.tickets import Ticket

__all__ = ["LONGEST", "Confirmed", "act_hash", "check_code", "look", "send_again", "start"]

BAD_ACT, NOT_FOUND = Refused("bad_act"), Refused("not_found")


@dataclass(frozen=True)
class Confirmed:
    """``proof``: what the person has shown for it."""

    act_hash: str
    proof: Proof


@explained
def start(services: Services, visitor: Visitor, session: Session, typed: str, place: str) -> Next | Refused:
    """``place``: the id of one of flows/proof.py's ways."""
    act = read_act(typed)
    if act is None:
        return BAD_ACT
    to, own = proof.chosen(services, session, place), session.owner_id
    return send_code(services, visitor, to, flow=_flow(act), usage=ACT, account_id=own, details=_details(act))


def look(services: Services, visitor: Visitor, ticket_id: str, hashed: str) -> Place | None:
    return place_of(services, one_time_code.find(services, visitor, ticket_id, f"act:{hashed}"))


@explained
def check_code(
    services: Services, visitor: Visitor, session: Session, ticket_id: str, act: str, typed: str
) -> Confirmed | Refused:
    ticket = _ticket(services, visitor, session, ticket_id, act)
    if ticket is None:
        return NOT_FOUND
    message_id = one_time_code.check(services, ticket, ACT, typed)
    if not proof.is_fresh(services, session):  # shown another way meanwhile, the code is good after all
        proof.check_card(services, session, ticket, ACT)
    now, own, hashed = services.clock(), session.owner_id, act_hash(act)
    with services.database.write() as connection:
        one_time_code.consume(connection, ticket, message_id, now, used=True)
        number_claims.drop(connection, ticket.address, own)
        events.add(
            connection, own, "act_confirmed", visitor.address, visitor.device, now, message=message_id, act_hash=hashed
        )
    return Confirmed(hashed, Proof("code", ticket.kind, now))


@explained
def send_again(services: Services, visitor: Visitor, session: Session, ticket_id: str, act: str) -> Next | Refused:
    ticket = _ticket(services, visitor, session, ticket_id, act)
    if ticket is None:
        return NOT_FOUND
    one_time_code.send_again(services, visitor, ticket, ACT, details=_details(act))
    return Next("code", ticket.id)


def _ticket(services: Services, visitor: Visitor, session: Session, ticket_id: str, act: str) -> Ticket | None:
    """The act's own, while its address is still the account's. Raises RefusedError where it is over."""
    found = one_time_code.find(services, visitor, ticket_id, _flow(act))
    if found is None:
        return None
    with services.database.read() as connection:
        owner = accounts.owner(connection, found.kind, found.address)
    return one_time_code.live(found, services.clock()) if owner == session.owner_id == found.account_id else None


def _flow(act: str) -> str:
    return f"act:{act_hash(act)}"


def _details(act: str) -> str:
    return json.dumps({"act": act})
