"""A fresh proof that it is still the same person, before anything sensitive.

ways           how this account can show it, best first
send_code      a code to one of its numbers or addresses        -> code | refused
check_code     is this that code?                               -> done | refused
send_again     another code, once the wait is over              -> code | refused
check_password                                                  -> done | refused
check_app      is this a new code of an authenticator app?      -> done | refused
(a passkey: flows/passkeys.py)
"""

from __future__ import annotations

from dataclasses import dataclass

from flows import look_ups, mfa, one_time_code
from flows.first_step import send_code as send_first_code
from flows.identifier import id_of
from flows.outcomes import Done, Next, Refused
from flows.place import Place, place_of
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import passwords, proofs, tries
from rules.proofs import Proof
from rules.recipients import masked
from rules.refusals import Reason, RefusedError
from storage import accounts, number_claims, sessions
from storage.accounts import EMAIL, PHONE, Identifier
from storage.database import Connection
from storage.factors import PASSKEY, TOTP
from storage.sessions import Audience, Session
from storage.tickets import Ticket

FLOW, USAGE = "proof", "user_permission_validation"


@dataclass(frozen=True)
class Way:
    """``by``: passkey, totp, password or code; ``place`` or ``id`` names one of the account's own addresses, masked in
    ``shown``."""

    by: str
    kind: str = ""
    place: int = 0
    shown: str = ""
    id: str = ""


def ways(services: Services, session: Session) -> list[Way]:
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, session.owner_id)
        own = _reachable(connection, session)
    found = [Way(PASSKEY)] if entrant and entrant.passkeys and _can_ask_for_passkeys(services, session) else []
    if entrant and entrant.totp and services.settings().second_factors.totp:
        found.append(Way(TOTP))
    if entrant and entrant.password_hash:
        found.append(Way("password"))
    return found + [
        Way("code", each.kind, number, masked(each.value), id_of(session.owner_id, each))
        for number, each in enumerate(own)
        if one_time_code.can_send(services, each.kind)
    ]


def _can_ask_for_passkeys(services: Services, session: Session) -> bool:
    """In a browser alone: passkeys are bound to our pages, and a program's session has no token."""
    settings = services.settings()
    at_browser = session.audience is Audience.ACCOUNT and bool(session.token_hash)
    return at_browser and (settings.second_factors.passkey or settings.sign_in.passkey)


def is_fresh(services: Services, session: Session) -> bool:
    return proofs.is_fresh(session.proved_at, services.clock())


@explained
def send_code(services: Services, visitor: Visitor, session: Session, place: int | str) -> Next | Refused:
    """``place``: in the list of :func:`ways`, or the id that stands there."""
    return send_first_code(services, visitor, chosen(services, session, place), flow=FLOW, usage=USAGE)


def chosen(services: Services, session: Session, place: int | str) -> Identifier:
    """Where the code goes. Raises RefusedError where it is none of the account's own."""
    with services.database.read() as connection:
        own = _reachable(connection, session)
    found = [each for number, each in enumerate(own) if place in (number, id_of(session.owner_id, each))]
    if not found:
        raise RefusedError(Reason.START_AGAIN)
    return found[0]


@explained
def check_code(services: Services, visitor: Visitor, session: Session, ticket_id: str, typed: str) -> Done | Refused:
    ticket = _place(services, visitor, session, ticket_id)
    message_id = one_time_code.check(services, ticket, USAGE, typed)
    check_card(services, session, ticket, USAGE)
    with services.database.write() as connection:
        one_time_code.consume(connection, ticket, message_id, services.clock(), used=True)
        number_claims.drop(connection, ticket.address, session.owner_id)
        remember(services, connection, session, Proof("code", ticket.kind, services.clock()))
    return Done()


def check_card(services: Services, session: Session, ticket: Ticket, usage: str) -> None:
    """Of a code to a number of one's own. Raises RefusedError where its SIM card was changed lately, and there is a
    better way to show it: anything but a number, or another number whose card is as it was."""
    others = [mfa.FACTORS.get(way.kind, way.by) for way in ways(services, session) if way.kind != PHONE]
    with services.database.read() as connection:
        own = _reachable(connection, session)
    numbers = [each.value for each in own if each.kind == PHONE and each.value != ticket.address]
    look_ups.check_card(services, ticket, usage, others, numbers)


@explained
def send_again(services: Services, visitor: Visitor, session: Session, ticket_id: str) -> Next | Refused:
    ticket = _place(services, visitor, session, ticket_id)
    one_time_code.send_again(services, visitor, ticket, USAGE)
    return Next("code", ticket.id)


@explained
def check_password(services: Services, session: Session, typed: str) -> Done | Refused:
    left, now = mfa.count(services, session.id, "password", session.owner_id), services.clock()
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, session.owner_id)
    if entrant is None or not passwords.is_right(entrant.password_hash, typed):
        raise RefusedError(Reason.WRONG_PASSWORD if left else Reason.TOO_MANY_APP_CODES, tries_left=left)
    fresh_hash = passwords.rehashed(entrant.password_hash, typed)
    with services.database.write() as connection:
        if not accounts.keep_password(connection, entrant, fresh_hash):  # changed while the old one was looked at
            raise RefusedError(Reason.WRONG_PASSWORD, tries_left=left)
        tries.succeeded(connection, "password", session.owner_id, flow=session.id)
        remember(services, connection, session, Proof("password", "", now))
    return Done()


@explained
def check_app(services: Services, session: Session, typed: str) -> Done | Refused:
    if Way(TOTP) not in ways(services, session):
        raise RefusedError(Reason.FACTOR_OFF)
    flow, now = f"{session.id}:{TOTP}", services.clock()
    left = mfa.count(services, flow, TOTP, session.owner_id)
    with services.database.write() as connection:
        if not mfa.accepts_code(services, connection, session.owner_id, typed, now):
            raise RefusedError(Reason.WRONG_APP_CODE if left else Reason.TOO_MANY_APP_CODES, tries_left=left)
        tries.succeeded(connection, TOTP, session.owner_id, flow=flow)
        remember(services, connection, session, Proof(TOTP, "", now))
    return Done()


def code_page(services: Services, visitor: Visitor, ticket_id: str) -> Place | None:
    return place_of(services, one_time_code.find(services, visitor, ticket_id, FLOW))


def _place(services: Services, visitor: Visitor, session: Session, ticket_id: str) -> Ticket:
    """The visitor's place, if its address is still the account's own: a ticket proves its address, nobody's account."""
    ticket = one_time_code.live(one_time_code.find(services, visitor, ticket_id, FLOW), services.clock())
    with services.database.read() as connection:
        if accounts.owner(connection, ticket.kind, ticket.address) != session.owner_id:
            raise RefusedError(Reason.START_AGAIN)
    return ticket


def _reachable(connection: Connection, session: Session) -> list[Identifier]:
    return [each for each in accounts.identifiers(connection, session.owner_id) if each.kind in (PHONE, EMAIL)]


def remember(services: Services, connection: Connection, session: Session, proof: Proof) -> None:
    """The session's proof is fresh again."""
    shown = (*proofs.read(session.proofs), proof)[-proofs.KEPT :]
    sessions.proved(connection, session.id, proofs.write(shown), services.clock())
