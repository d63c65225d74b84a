"""The end of every way in: what was proved opens a session, or asks for more first.

second_factor_due   must more be shown than was?
admit               a proved ticket and whose it is                    -> signed in | second_factor | refused
open_or_enter       the same, with an account made where there is none
check_code_opens    may a code do that, where there is an account?
enter_with          whoever has shown enough, with a ticket
begin_session       the same without one
link_arrival        who came from another provider is the account's owner from now on
"""

from __future__ import annotations

from flows.outcomes import Next, SignedIn
from flows.services import Services, Visitor
from rules import proofs
from rules.entrance import FORGOT_PASSWORD, INVITATION, comes_in, due, second_factors
from rules.proofs import Proof
from rules.refusals import Reason, RefusedError
from rules.second_factors import is_offered
from rules.tokens import hash_token, new_id, new_token
from storage import (
    accounts,
    audit,
    events,
    invitations,
    number_claims,
    organizations,
    sessions,
    tickets,
    trusted_browsers,
    upstream_identities,
)
from storage.accounts import Entrant, Identifier
from storage.audit import Entry
from storage.database import Connection
from storage.sessions import Audience, Session
from storage.tickets import Ticket
from storage.upstream_identities import LinkedIdentity

DAY = 86400
LINKING = "linking"  # the flow at whose end an identity of another provider becomes the account's


def second_factor_due(
    services: Services, connection: Connection, visitor: Visitor, ticket: Ticket, entrant: Entrant
) -> bool:
    """Whether more must be shown than the proved ``ticket``. Raises RefusedError for a suspended account."""
    if entrant.suspended_at:
        raise RefusedError(Reason.SUSPENDED)
    settings = services.settings()
    if not second_factors(settings, entrant, ticket, services.clock()):
        return False
    if not visitor.trusted or not settings.second_factors.trusted_days:
        return True
    return not trusted_browsers.is_trusted(connection, hash_token(visitor.trusted), entrant.id, services.clock())


def admit(
    services: Services, connection: Connection, visitor: Visitor, ticket: Ticket, entrant: Entrant
) -> SignedIn | Next:
    """Spend a ticket that is proved already on a session, or go on to the second factor where one is due.

    Who has forgotten the password gets no session: that flow sees to it what is due before a new one is set.
    """
    if ticket.flow == FORGOT_PASSWORD:
        return Next("new_password", ticket.id)
    if ticket.second_at is None and second_factor_due(services, connection, visitor, ticket, entrant):
        return Next("second_factor", ticket.id)
    if not tickets.use(connection, ticket.id, services.clock()):
        raise RefusedError(Reason.USED_CODE)
    return enter_with(services, connection, visitor, entrant, ticket)


def open_or_enter(services: Services, connection: Connection, visitor: Visitor, ticket: Ticket) -> SignedIn | Next:
    """For an identifier that was proved: its account, made first where there is none. Raises RefusedError."""
    entrant = accounts.by_identifier(connection, ticket.kind, ticket.address)
    if entrant:
        check_code_opens(services, connection, entrant, ticket.kind)
    else:
        now = services.clock()
        identifier = Identifier(ticket.kind, ticket.address, ticket.country)
        accounts.create(connection, new_id(), identifier, ticket.locale, now)
        entrant = accounts.by_identifier(connection, ticket.kind, ticket.address)
        assert entrant, "the identifier has an account: it was made a line above, or by somebody faster"
    return admit(services, connection, visitor, ticket, entrant)


def check_code_opens(services: Services, connection: Connection, entrant: Entrant, kind: str) -> None:
    """Signing up again is no way round the password: where a code signs nobody in, it opens those accounts alone that
    nothing else would open, as one whose owner has begun to sign up. Raises RefusedError."""
    settings = services.settings()
    if settings.sign_in.enabled and "code" in settings.sign_in.methods(kind):
        return
    known = accounts.by_id(connection, entrant.id, lock=True)  # with the accounts elsewhere that are its own
    if known and comes_in(settings, known):
        raise RefusedError(Reason.HAS_ACCOUNT)


def enter_with(
    services: Services, connection: Connection, visitor: Visitor, entrant: Entrant, ticket: Ticket
) -> SignedIn:
    """A session for what was shown with a ticket. A number that was proved stays here, whoever claims it."""
    if entrant.claims and (ticket.proved_by, ticket.kind) == ("code", accounts.PHONE):
        number_claims.drop(connection, ticket.address, entrant.id)
    if ticket.flow == INVITATION:
        accept_invitation(services, connection, ticket, entrant.id)
    if ticket.flow == LINKING:
        link_arrival(services, connection, visitor, entrant.id, ticket.id)
    return begin_session(services, connection, visitor, entrant, shown_in(ticket))


def accept_invitation(services: Services, connection: Connection, ticket: Ticket, account_id: str) -> None:
    """Who proved the number that was invited joins. Raises RefusedError where it is over, or somebody was faster."""
    now, found = services.clock(), invitations.by_name(connection, ticket.parent_id or "")
    if found is None or (found.kind, found.address) != (ticket.kind, ticket.address):
        raise RefusedError(Reason.INVITATION_OVER)
    if not invitations.accept(connection, found.id, account_id, now):
        raise RefusedError(Reason.INVITATION_OVER)
    organizations.join(connection, found.organization_id, account_id, found.roles.split(), now)
    details = {"organization": found.organization_id, "user": account_id}
    audit.add(connection, Entry(now, f"account:{account_id}", "organization.invitation_accepted", details))


def shown_in(ticket: Ticket) -> tuple[Proof, ...]:
    """What was shown on the way, for the session to remember."""
    shown = [Proof(ticket.proved_by or "code", ticket.kind, ticket.proved_at or 0)]
    if ticket.second_by:
        shown.append(Proof(ticket.second_by, "", ticket.second_at or 0))
    return tuple(shown)


def begin_session(
    services: Services, connection: Connection, visitor: Visitor, entrant: Entrant, shown: tuple[Proof, ...]
) -> SignedIn:
    settings, now, token = services.settings(), services.clock(), new_token()
    session = Session(
        id=new_id(),
        token_hash=hash_token(token),
        audience=Audience.ACCOUNT,
        owner_id=entrant.id,
        created_at=now,
        expires_at=now + settings.sessions.days * DAY,
        address=visitor.address,
        device=visitor.device,
        proofs=proofs.write(shown),
        proved_at=now,
        pending=bool(due(settings, entrant, now)),
    )
    sessions.add(connection, session)
    if entrant.joins:
        organizations.join_by_themselves(connection, entrant.id, now)
    if not accounts.seen(connection, entrant.id, now):  # by now; who suspends it waits for us, and ends the session
        raise RefusedError(Reason.SUSPENDED)
    by, heard = [each.by for each in shown], entrant.heard
    events.add(connection, entrant.id, "signed_in", visitor.address, visitor.device, now, heard=heard, by=by)
    offer = len(shown) == 1 and not session.pending and is_offered(settings, entrant, now)
    return SignedIn(token, session.expires_at, offer)


def link_arrival(services: Services, connection: Connection, visitor: Visitor, account_id: str, ticket_id: str) -> None:
    """Who came from another provider with this ticket is the account's owner. Raises RefusedError."""
    arrival, now = upstream_identities.find_arrival(connection, ticket_id), services.clock()
    if arrival is None:
        raise RefusedError(Reason.START_AGAIN)
    identity = LinkedIdentity(
        new_id(), arrival.issuer, arrival.subject, account_id, arrival.name, arrival.email, now, now
    )
    if not upstream_identities.link(connection, identity):
        raise RefusedError(Reason.TAKEN)
    events.add(connection, account_id, "upstream_linked", visitor.address, visitor.device, now, name=arrival.name)
