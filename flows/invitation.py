"""Somebody was invited, and opens the link.

  1. open_link    who invites, and to what? changes nothing     -> the invitation and how it stands
  2. start        accepting begins with a code to the number    -> code | refused
     keep_place   the same without a code yet, which send_again sends
  3. check_code   is this a code that we sent?                  -> signed in | second_factor | done | refused
  4. send_again   another code, once the wait is over           -> code | refused

The code goes to the number that was invited, whoever holds the link: forwarded to another phone it is worth nothing.
Who is signed in to the account of that number stays so; everybody else is signed in, or signed up, by the code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flows import entrance, look_ups, one_time_code
from flows.first_step import send_code
from flows.outcomes import Done, Next, Refused, SignedIn
from flows.place import Place, place_of
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import emails
from rules.entrance import INVITATION
from rules.refusals import Reason, RefusedError
from rules.tokens import hash_token
from settings.consistency import HAS
from storage import accounts, invitations, organizations
from storage.accounts import PHONE, Identifier
from storage.database import Connection
from storage.invitations import Invitation
from storage.organizations import Organization
from storage.sessions import Session
from storage.tickets import Ticket

FLOW, USAGE = INVITATION, "sign_in"
LONGEST_SECRET = 60


@dataclass(frozen=True)
class Opened:
    """``state``: open, accepted, withdrawn, expired; ``hint``: as much of the number or address as tells its owner.

    ``person``: mine, where whoever looks is signed in to the account of the number or accepted it; other, where they
    are signed in to another one; nobody.
    """

    organization: Organization
    invited_by: str
    roles: tuple[str, ...]
    kind: str
    hint: str
    expires_at: float
    state: str
    person: str


def open_link(services: Services, session: Session | None, secret: str) -> Opened | None:
    found = _by_secret(services, secret)
    if found is None:
        return None
    with services.database.read() as connection:
        organization = organizations.find(connection, found.organization_id)
        owner = found.accepted_by or accounts.owner(connection, found.kind, found.address)
    if organization is None:
        return None
    return Opened(
        organization=organization,
        invited_by=found.invited_by,
        roles=tuple(found.roles.split()),
        kind=found.kind,
        hint=found.address[-2:] if found.kind == PHONE else emails.masked(found.address),
        expires_at=found.expires_at,
        state=_state(found, services.clock()),
        person="nobody" if session is None else "mine" if session.owner_id == owner else "other",
    )


def _state(found: Invitation, now: float) -> str:
    if found.accepted_at:
        return "accepted"
    return "withdrawn" if found.withdrawn_at else "open" if found.is_open(now) else "expired"


def _by_secret(services: Services, secret: str) -> Invitation | None:
    if not secret or len(secret) > LONGEST_SECRET:
        return None
    with services.database.read() as connection:
        return invitations.by_link(connection, hash_token(secret))


@explained
def start(services: Services, visitor: Visitor, session: Session | None, secret: str) -> Next | Refused:
    found = _by_secret(services, secret)
    if found is None or not found.is_open(services.clock()):
        raise RefusedError(Reason.INVITATION_OVER)
    with services.database.read() as connection:
        _check_way(services, connection, session, found.kind, found.address)
    return send_code(services, visitor, _identifier(found), flow=FLOW, usage=USAGE, parent_id=found.id)


def _identifier(found: Invitation) -> Identifier:
    return Identifier(found.kind, found.address, found.country)


@explained
def keep_place(services: Services, visitor: Visitor, secret: str) -> Next | Refused:
    """The link's secret is not needed from here on."""
    found = _by_secret(services, secret)
    if found is None:
        raise RefusedError(Reason.INVITATION_OVER)
    return Next("send_code", one_time_code.begin(services, visitor, _identifier(found), flow=FLOW, parent_id=found.id))


def _check_way(services: Services, connection: Connection, session: Session | None, kind: str, address: str) -> None:
    """A code to it must be a way in; or whoever is signed in has it in their account already."""
    if _is_mine(connection, session, kind, address):
        return
    settings = services.settings().sign_in
    if not settings.enabled or "code" not in settings.methods(kind):
        raise RefusedError(Reason.SIGN_IN_FIRST)


def _is_mine(connection: Connection, session: Session | None, kind: str, address: str) -> bool:
    return session is not None and accounts.owner(connection, kind, address) == session.owner_id


@explained
def check_code(
    services: Services, visitor: Visitor, session: Session | None, ticket_id: str, typed: str
) -> SignedIn | Next | Done | Refused:
    ticket = place(services, visitor, ticket_id)
    message_id = one_time_code.check(services, ticket, USAGE, typed)
    ticket = look_ups.doubted(services, ticket)
    now = services.clock()
    with services.database.write() as connection:
        _check_way(services, connection, session, ticket.kind, ticket.address)
        mine = session if _is_mine(connection, session, ticket.kind, ticket.address) else None
        one_time_code.consume(connection, ticket, message_id, now, used=mine is not None)
        if mine is not None:
            entrance.accept_invitation(services, connection, ticket, mine.owner_id)
            return Done()
        if accounts.owner(connection, ticket.kind, ticket.address) is None:
            _check_sign_up(services, ticket)
        proved = replace(ticket, proved_at=now, proved_by="code")
        return entrance.open_or_enter(services, connection, visitor, proved)


def _check_sign_up(services: Services, ticket: Ticket) -> None:
    """Also where sign-up is by invitation only."""
    settings = services.settings().sign_up
    if not settings.enabled and not settings.by_invitation:
        raise RefusedError(Reason.SIGN_IN_FIRST)
    if ticket.kind not in HAS[settings.identifier]:
        raise RefusedError(Reason.SIGN_IN_FIRST)


@explained
def send_again(services: Services, visitor: Visitor, ticket_id: str) -> Next | Refused:
    ticket = place(services, visitor, ticket_id)
    with services.database.read() as connection:
        found = invitations.by_name(connection, ticket.parent_id or "")
    if found is None or not found.is_open(services.clock()):
        raise RefusedError(Reason.INVITATION_OVER)
    one_time_code.send_again(services, visitor, ticket, USAGE)
    return Next("code", ticket.id)


def place(services: Services, visitor: Visitor, ticket_id: str) -> Ticket:
    """Where the visitor is, if a code can still be typed there. Raises RefusedError."""
    return one_time_code.live(one_time_code.find(services, visitor, ticket_id, FLOW), services.clock())


def code_page(services: Services, visitor: Visitor, ticket_id: str) -> Place | None:
    """What there is to show of a ticket, also of one that is over."""
    return place_of(services, one_time_code.find(services, visitor, ticket_id, FLOW))
