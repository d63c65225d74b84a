"""Passkeys: added to an account, shown as a second factor, as a fresh proof, and as the first factor, which then counts
for two.

ask_to_add    a challenge for a new one                          -> options for the browser | refused
add           is that a passkey that answers it?                 -> done | refused
ask_second    a challenge for one of the account's own           -> options | refused
check_second  does it answer?                                    -> signed in | refused
ask_to_prove  a challenge for one of the account's own, before anything sensitive   -> options | refused
check_proof   does it answer?                                    -> done | refused
ask_first     a challenge for whichever passkey there is         -> options | refused
check_first   does it answer, and whose is it?                   -> signed in | refused
ask_to_link   a challenge for the account that somebody from another provider is to be linked to
check_to_link does a passkey of that account answer it?          -> signed in, and linked | refused

A challenge is a ticket: of this browser, for one of these, good once and for five minutes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flows import entrance, linking, one_time_code, proof, second_step
from flows.enrol import add_factor, check_room
from flows.outcomes import Done, Next, Refused, SignedIn
from flows.refusals import explained
from flows.second_step import SecondStep
from flows.services import Services, Visitor
from rules.passkeys import CHALLENGE_SECONDS, LONGEST_ANSWER, Known, Site, challenge_of, site_of
from rules.proofs import Proof
from rules.refusals import Reason, RefusedError
from rules.tokens import is_id, new_id
from settings.keys import Use
from storage import accounts, factors, tickets
from storage.accounts import EMAIL, PHONE, USERNAME, Identifier
from storage.database import Connection
from storage.factors import PASSKEY, Factor
from storage.sessions import Session
from storage.tickets import Ticket

ADDING, SECOND, FIRST, LINKING = "passkey_adding", "passkey_second", "passkey_first", "passkey_linking"
PROVING = "passkey_proving"


@dataclass(frozen=True)
class Asked:
    """``options`` are for navigator.credentials, with bytes in base64url; ``ticket`` names the challenge."""

    ticket: str
    options: dict[str, Any]


def site(services: Services) -> Site:
    return site_of(services.environment.public_url, services.settings().application.name)


@explained
def ask_to_add(services: Services, visitor: Visitor, session: Session) -> Asked | Refused:
    check_room(services, session, PASSKEY)
    ticket_id = one_time_code.begin(
        services, visitor, Identifier(PASSKEY, ""), flow=ADDING, account_id=session.owner_id
    )
    with services.database.read() as connection:
        known = _known(connection, session.owner_id)
        name = _name_of(connection, session.owner_id)
    library, challenge = services.passkeys(), _challenge(services, ticket_id)
    return _asked(ticket_id, library.creation_options(site(services), challenge, session.owner_id, name, known))


@explained
def add(
    services: Services, visitor: Visitor, session: Session, ticket_id: str, answer: str, name: str
) -> Done | Refused:
    check_room(services, session, PASSKEY)
    ticket, now = _challenged(services, visitor, ticket_id, ADDING), services.clock()
    if ticket.account_id != session.owner_id:
        raise RefusedError(Reason.START_AGAIN)
    offered = services.passkeys().offered(site(services), _challenge(services, ticket.id), answer[:LONGEST_ANSWER])
    if offered is None:
        raise RefusedError(Reason.WRONG_PASSKEY)
    factor = Factor(
        id=new_id(),
        account_id=session.owner_id,
        kind=PASSKEY,
        name=name,
        credential_id=offered.credential_id,
        secret=base64.b64encode(offered.public_key).decode(),
        counter=offered.counter,
        details={"aaguid": offered.aaguid, "backed_up": offered.backed_up, "verified": offered.verified},
        created_at=now,
    )
    with services.database.write() as connection:
        if not tickets.prove(connection, ticket.id, now, used=True, by=PASSKEY):
            raise RefusedError(Reason.USED_CODE)
        add_factor(services, connection, visitor, session, factor)
    return Done()


@explained
def ask_second(services: Services, visitor: Visitor, ticket_id: str) -> Asked | Refused:
    step = second_step.place_with(services, visitor, ticket_id, PASSKEY)
    identifier = Identifier(PASSKEY, "")
    asked_id = one_time_code.begin(
        services, visitor, identifier, flow=SECOND, parent_id=step.ticket.id, account_id=step.entrant.id
    )
    return _ask_own(services, asked_id, step.entrant.id, verified=False)


def _ask_own(services: Services, asked_id: str, account_id: str, *, verified: bool) -> Asked:
    """For a passkey of the account's own."""
    with services.database.read() as connection:
        known = _known(connection, account_id)
    challenge = _challenge(services, asked_id)
    return _asked(asked_id, services.passkeys().request_options(site(services), challenge, known, verified=verified))


@explained
def check_second(
    services: Services, visitor: Visitor, ticket_id: str, asked_id: str, answer: str
) -> SignedIn | Next | Refused:
    step: SecondStep = second_step.place_with(services, visitor, ticket_id, PASSKEY)
    ticket = _challenged(services, visitor, asked_id, SECOND)
    if ticket.parent_id != step.ticket.id:
        raise RefusedError(Reason.START_AGAIN)
    factor, counter = _shown(services, ticket, answer, verified=False)
    if factor.account_id != step.entrant.id:
        raise RefusedError(Reason.WRONG_PASSKEY)
    with services.database.write() as connection:
        _spend(services, connection, ticket, factor, counter, used=True)
        return second_step.finish(services, connection, visitor, step, PASSKEY)


@explained
def ask_to_prove(services: Services, visitor: Visitor, session: Session) -> Asked | Refused:
    """With a finger, a face or a PIN: a key that stays plugged in is there for whoever sits down."""
    _check_proves(services, session)
    identifier = Identifier(PASSKEY, "")
    asked_id = one_time_code.begin(services, visitor, identifier, flow=PROVING, account_id=session.owner_id)
    return _ask_own(services, asked_id, session.owner_id, verified=True)


@explained
def check_proof(services: Services, visitor: Visitor, session: Session, asked_id: str, answer: str) -> Done | Refused:
    _check_proves(services, session)
    ticket = _challenged(services, visitor, asked_id, PROVING)
    factor, counter = _shown(services, ticket, answer, verified=True)
    if not factor.account_id == ticket.account_id == session.owner_id:
        raise RefusedError(Reason.WRONG_PASSKEY)
    with services.database.write() as connection:
        _spend(services, connection, ticket, factor, counter, used=True)
        proof.remember(services, connection, session, Proof(PASSKEY, "", services.clock()))
    return Done()


def _check_proves(services: Services, session: Session) -> None:
    if proof.Way(PASSKEY) not in proof.ways(services, session):
        raise RefusedError(Reason.FACTOR_OFF)


@explained
def ask_first(services: Services, visitor: Visitor) -> Asked | Refused:
    """The same for everybody: who it is, the passkey says."""
    _check_first(services)
    ticket_id = one_time_code.begin(services, visitor, Identifier(PASSKEY, ""), flow=FIRST)
    challenge = _challenge(services, ticket_id)
    return _asked(ticket_id, services.passkeys().request_options(site(services), challenge, (), verified=True))


@explained
def check_first(services: Services, visitor: Visitor, asked_id: str, answer: str) -> SignedIn | Next | Refused:
    _check_first(services)
    ticket = _challenged(services, visitor, asked_id, FIRST)
    factor, counter = _shown(services, ticket, answer, verified=True)
    with services.database.write() as connection:
        _spend(services, connection, ticket, factor, counter, used=False)
        entrant = accounts.by_id(connection, factor.account_id)
        if entrant is None:
            raise RefusedError(Reason.WRONG_PASSKEY)
        proved = replace(ticket, proved_at=services.clock(), proved_by=PASSKEY, kind="")
        return entrance.admit(services, connection, visitor, proved, entrant)


@explained
def ask_to_link(services: Services, visitor: Visitor, ticket_id: str) -> Asked | Refused:
    """Any passkey of this site may answer: which ones the account has is not told."""
    _check_first(services)
    ticket = linking.claimed(services, visitor, ticket_id)
    asked_id = one_time_code.begin(services, visitor, Identifier(PASSKEY, ""), flow=LINKING, parent_id=ticket.id)
    challenge = _challenge(services, asked_id)
    return _asked(asked_id, services.passkeys().request_options(site(services), challenge, (), verified=True))


@explained
def check_to_link(
    services: Services, visitor: Visitor, ticket_id: str, asked_id: str, answer: str
) -> SignedIn | Next | Refused:
    _check_first(services)
    ticket, asked = linking.claimed(services, visitor, ticket_id), _challenged(services, visitor, asked_id, LINKING)
    if asked.parent_id != ticket.id:
        raise RefusedError(Reason.START_AGAIN)
    factor, counter = _shown(services, asked, answer, verified=True)
    if factor.account_id != ticket.account_id:
        raise RefusedError(Reason.WRONG_PASSKEY)
    with services.database.write() as connection:
        _spend(services, connection, asked, factor, counter, used=True)
        entrant, now = accounts.by_id(connection, factor.account_id), services.clock()
        if entrant is None or not tickets.prove(connection, ticket.id, now, used=False, by=PASSKEY):
            raise RefusedError(Reason.USED_CODE)
        proved = replace(ticket, proved_at=now, proved_by=PASSKEY, kind="")
        return entrance.admit(services, connection, visitor, proved, entrant)


def _check_first(services: Services) -> None:
    settings = services.sign_in()
    if not settings.enabled or not settings.passkey:
        raise RefusedError(Reason.SWITCHED_OFF)


def _shown(services: Services, ticket: Ticket, answer: str, *, verified: bool) -> tuple[Factor, int]:
    """The passkey that answers the challenge, and its new counter. Raises RefusedError, the same whatever is wrong."""
    library, answer = services.passkeys(), answer[:LONGEST_ANSWER]
    credential_id, owner = library.names(answer)
    with services.database.read() as connection:
        factor = factors.by_credential(connection, credential_id) if credential_id else None
    if factor is None or owner not in ("", factor.account_id):
        raise RefusedError(Reason.WRONG_PASSKEY)
    known = Known(credential_id, base64.b64decode(factor.secret), factor.counter)
    challenge = _challenge(services, ticket.id)
    counter = library.new_counter(site(services), challenge, answer, known, verified=verified)
    if counter is None:
        raise RefusedError(Reason.WRONG_PASSKEY)
    return factor, counter


def _spend(
    services: Services, connection: Connection, ticket: Ticket, factor: Factor, counter: int, *, used: bool
) -> None:
    """Once only, and not where the passkey was removed a moment ago."""
    now = services.clock()
    if not tickets.prove(connection, ticket.id, now, used=used, by=PASSKEY, account_id=factor.account_id):
        raise RefusedError(Reason.USED_CODE)
    if not factors.used(connection, factor.id, counter, now):
        raise RefusedError(Reason.WRONG_PASSKEY)


def _challenged(services: Services, visitor: Visitor, ticket_id: str, flow: str) -> Ticket:
    found = one_time_code.find(services, visitor, ticket_id, flow) if is_id(ticket_id) else None
    if found is None or services.clock() - found.created_at > CHALLENGE_SECONDS:
        raise RefusedError(Reason.WRONG_PASSKEY)  # the device is asked anew; what the person came with is still good
    return one_time_code.live(found, services.clock())


def _challenge(services: Services, ticket_id: str) -> bytes:
    return challenge_of(services.keys.all(Use.FACTORS)[0], ticket_id)


def _asked(ticket_id: str, options: str) -> Asked:
    return Asked(ticket_id, json.loads(options))


def _known(connection: Connection, account_id: str) -> Sequence[str]:
    return [each.credential_id or "" for each in factors.of_account(connection, account_id, PASSKEY)]


def _name_of(connection: Connection, account_id: str) -> str:
    """What the passkey is called in its owner's own list: the name that they sign in with."""
    names = {each.kind: each.value for each in accounts.identifiers(connection, account_id) if each.is_primary}
    return next((names[kind] for kind in (USERNAME, EMAIL, PHONE) if kind in names), account_id)
