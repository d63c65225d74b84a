"""Somebody who came from another provider, and whom no account knows by it yet: to whom do they belong?

receive   by a verified address or number: an account to be asked for, or nobody's   -> ask | signed in | refused
"""

from __future__ import annotations

from dataclasses import replace

from flows import entrance
from flows.outcomes import Next, SignedIn
from flows.services import Services, UpstreamIdentity, Visitor
from flows.upstream_audit import note
from rules import emails
from rules.phones import PhonePolicy, PhoneProblem
from rules.phones import read as read_phone
from rules.refusals import Reason, RefusedError
from rules.tokens import hash_token, new_id
from storage import accounts, tickets, upstream_identities
from storage.accounts import EMAIL, PHONE, Identifier
from storage.database import Connection
from storage.tickets import Ticket
from storage.upstream_identities import Arrival
from storage.upstream_visits import Visit

KIND = "upstream"
ARRIVAL_SECONDS = 1800
ANY_COUNTRY = PhonePolicy(countries=(), all_countries=True, allow_possible=True, allow_fixed_line=True, allow_voip=True)


def receive(
    services: Services, connection: Connection, visitor: Visitor, visit: Visit, came: UpstreamIdentity
) -> Next | SignedIn:
    """Raises RefusedError where nobody new may come this way and no account is theirs."""
    _notice(services, connection, visitor, visit, came)
    config = services.settings().upstreams.configurations[visit.name]
    found = _owned(connection, came)
    if found is None and not may_begin(services, visit.name):
        raise RefusedError(Reason.UPSTREAM_UNKNOWN)
    ticket = ticket_of(services, visitor, entrance.LINKING)
    if found:
        identifier, owner = found
        ticket = replace(
            ticket, kind=identifier.kind, address=identifier.value, country=identifier.country, account_id=owner
        )
    tickets.add(connection, ticket)
    upstream_identities.add_arrival(connection, arrival_of(ticket.id, visit.name, came))
    if found and config["trusted"]:
        return enter(services, connection, visitor, ticket, found[1])
    return Next("ask", ticket.id)


def enter(
    services: Services, connection: Connection, visitor: Visitor, ticket: Ticket, account_id: str
) -> Next | SignedIn:
    """On the provider's word alone: it is trusted, or the account is new."""
    entrant, now = accounts.by_id(connection, account_id), services.clock()
    if entrant is None or not tickets.prove(connection, ticket.id, now, used=False, by=KIND, account_id=account_id):
        raise RefusedError(Reason.USED_CODE)
    proved = replace(ticket, proved_at=now, proved_by=KIND, account_id=account_id)
    return entrance.admit(services, connection, visitor, proved, entrant)


def may_begin(services: Services, name: str) -> bool:
    """Whether new people may come by this provider."""
    settings = services.settings()
    return settings.sign_up.enabled and bool(settings.upstreams.configurations[name]["new_people"])


def ticket_of(services: Services, visitor: Visitor, flow: str, account_id: str | None = None) -> Ticket:
    now = services.clock()
    return Ticket(
        id=new_id(),
        browser=hash_token(visitor.browser),
        flow=flow,
        kind=KIND,
        address="",
        country="",
        locale=visitor.locale,
        created_at=now,
        expires_at=now + ARRIVAL_SECONDS,
        resend_at=now,
        account_id=account_id,
    )


def arrival_of(ticket_id: str, name: str, came: UpstreamIdentity) -> Arrival:
    return Arrival(ticket_id, name, came.issuer, came.subject, came.email, came.email_verified)


def _owned(connection: Connection, came: UpstreamIdentity) -> tuple[Identifier, str] | None:
    """The account here of an address or number that the provider has verified, and which of them it is."""
    for identifier in _verified(came):
        if owner := accounts.owner(connection, identifier.kind, identifier.value):
            return identifier, owner
    return None


def _verified(came: UpstreamIdentity) -> list[Identifier]:
    email = emails.read(came.email) if came.email_verified else None
    phone = read_phone(came.phone, "", ANY_COUNTRY) if came.phone_verified else None
    found = [Identifier(EMAIL, email)] if email else []
    if phone and not isinstance(phone, PhoneProblem):
        found.append(Identifier(PHONE, phone.e164, phone.country))
    return found


def _notice(services: Services, connection: Connection, visitor: Visitor, visit: Visit, came: UpstreamIdentity) -> None:
    """What may be an attempt at somebody else's account. It comes to nothing, and the log tells it."""
    claimed = emails.read(came.email) if came.email and not came.email_verified else None
    if claimed and accounts.owner(connection, EMAIL, claimed):
        note(services, visitor, visit, "unverified_email", connection=connection)
    if upstream_identities.is_known_elsewhere(connection, came.issuer, came.subject):
        note(services, visitor, visit, "same_subject", connection=connection)
