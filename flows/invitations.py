"""Inviting people to an organisation: admins, programs, and members with the right.

invite              a number or address; its message is on its way          -> id | refused
send_again          another message, once the wait is over                  -> done | refused
withdraw            its links are worth nothing from now on                 -> done | refused
list_newest         with what became of each
inviter             the member of a session who may invite                  -> member | None
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flows import cursors
from flows import organizations as organizations_flow
from flows.counted import counted
from flows.identifier import read_identifier
from flows.outcomes import Done, Refused
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import inviting
from rules.inviting import USAGE, Asking
from rules.recipients import masked, shown
from rules.refusals import Reason, RefusedError
from rules.roles import sees_numbers
from rules.tokens import is_id, new_id
from settings.keys import Use
from settings.organizations import INVITE
from storage import accounts, invitations, organizations
from storage.accounts import EMAIL, PHONE, USERNAME, Identifier
from storage.admins import Admin
from storage.database import Connection
from storage.invitations import Invitation
from storage.organizations import Member, Organization
from storage.receipts import DELIVERED, FAILED
from storage.sessions import Session

DAY = 86400
SHOWN = 50


@dataclass(frozen=True)
class Inviter:
    """``author``: for the audit log; ``shown``: what the invited person reads; ``whole``: sees whole numbers."""

    author: str
    shown: str
    whole: bool = False


@dataclass(frozen=True)
class ListedInvitation:
    """``state``: accepted, withdrawn, expired, or of an open one what became of its newest message: waiting, sent,
    delivered, failed. ``shown``: the number or address, masked for those who may not see it whole."""

    id: str
    shown: str
    roles: tuple[str, ...]
    invited_by: str
    state: str
    created_at: float
    expires_at: float
    times: int

    @property
    def is_open(self) -> bool:
        return self.state in ("waiting", "sent", "delivered", "failed")


def by_admin(admin: Admin) -> Inviter:
    """People read the organisation's name alone: admins are nobody whom they know."""
    return Inviter(admin.name, "", whole=sees_numbers(admin.role))


@explained
def invite(
    services: Services,
    visitor: Visitor,
    by: Inviter,
    organization: Organization,
    typed: str,
    country: str,
    roles: Sequence[str],
) -> str | Refused:
    identifier = read_identifier(services, typed, country or services.settings().phones.default_country, [PHONE, EMAIL])
    chosen = organizations_flow.known_roles(organization, roles)
    made = new_invitation(services, organization, identifier, chosen, by.shown)
    with counted(services, identifier, USAGE) as connection:
        owner = accounts.owner(connection, identifier.kind, identifier.value)
        if by.whole and owner and organizations.member(connection, organization.id, owner):
            raise RefusedError(Reason.MEMBER_ALREADY)
        _send(services, connection, visitor, organization, made)
        organizations_flow.note(services, connection, by.author, "invited", organization, shown=masked(made.address))
    services.wake_delivery()
    return made.id


def new_invitation(
    services: Services, organization: Organization, to: Identifier, roles: Sequence[str], invited_by: str
) -> Invitation:
    now = services.clock()
    return Invitation(
        id=new_id(),
        organization_id=organization.id,
        kind=to.kind,
        address=to.value,
        country=to.country,
        locale=services.settings().application.language,
        roles=" ".join(roles),
        invited_by=invited_by,
        created_at=now,
        expires_at=now + organization.settings.invitation_days * DAY,
    )


def _send(
    services: Services, connection: Connection, visitor: Visitor, organization: Organization, invitation: Invitation
) -> None:
    key = services.keys.all(Use.INVITATIONS)[0]
    asking = Asking(visitor.network, visitor.address, visitor.browser)
    name, now = organization.settings.name, services.clock()
    inviting.send(connection, services.settings(), key, asking, invitation, name, now)


@explained
def send_again(
    services: Services, visitor: Visitor, by: Inviter, organization: Organization, invitation_id: str
) -> Done | Refused:
    found = _find(services, organization, invitation_id)
    with counted(services, Identifier(found.kind, found.address, found.country), USAGE) as connection:
        _send(services, connection, visitor, organization, found)
        organizations_flow.note(
            services, connection, by.author, "invited_again", organization, shown=masked(found.address)
        )
    services.wake_delivery()
    return Done()


def _find(services: Services, organization: Organization, invitation_id: str) -> Invitation:
    if is_id(invitation_id):
        with services.database.read() as connection:
            found = invitations.find(connection, organization.id, invitation_id)
        if found:
            return found
    raise RefusedError(Reason.INVITATION_OVER)


@explained
def withdraw(services: Services, by: Inviter, organization: Organization, invitation_id: str) -> Done | Refused:
    found = _find(services, organization, invitation_id)
    with services.database.write() as connection:
        if not invitations.withdraw(connection, organization.id, found.id, services.clock()):
            raise RefusedError(Reason.INVITATION_OVER)
        organizations_flow.note(services, connection, by.author, "withdrawn", organization, shown=masked(found.address))
    return Done()


def list_newest(
    services: Services, organization: Organization, before: float, *, before_id: str = "", whole: bool
) -> tuple[list[ListedInvitation], ListedInvitation | None]:
    """A page of them, and the one after which the list goes on."""
    with services.database.read() as connection:
        found = invitations.newest(connection, organization.id, before, before_id=before_id, most=SHOWN + 1)
    now = services.clock()
    listed = [
        ListedInvitation(
            id=each.id,
            shown=shown(each.address) if whole else masked(each.address),
            roles=tuple(each.roles.split()),
            invited_by=each.invited_by,
            state=_state(each, now),
            created_at=each.created_at,
            expires_at=each.expires_at,
            times=each.times,
        )
        for each in found
    ]
    return cursors.page(listed, SHOWN)


def _state(invitation: Invitation, now: float) -> str:
    if invitation.accepted_at:
        return "accepted"
    if invitation.withdrawn_at:
        return "withdrawn"
    if invitation.expires_at <= now:
        return "expired"
    if invitation.receipt in (DELIVERED, FAILED):
        return "delivered" if invitation.receipt == DELIVERED else "failed"
    if invitation.message_state in ("refused", "expired"):
        return "failed"
    return "waiting" if invitation.message_state in ("queued", "sending") else "sent"


def inviter(services: Services, session: Session, organization_id: str) -> tuple[Member, Inviter] | None:
    """The person's place in the organisation and how the invited read their name, if they may invite."""
    member = organizations_flow.mine(services, session, organization_id)
    if member is None or INVITE not in member.permissions:
        return None
    with services.database.read() as connection:
        own = {each.kind: each for each in reversed(accounts.identifiers(connection, session.owner_id))}
    known_by = own.get(PHONE) or own.get(EMAIL)
    name = own[USERNAME].value if USERNAME in own else masked(known_by.value) if known_by else ""
    return member, Inviter(f"account:{session.owner_id}", name)
