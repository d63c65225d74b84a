"""Organisations and who belongs to them, for admins and programs.

list_all, find
create, save     with a problem a field                                    -> id | done | refused
delete           once its name is typed                                    -> done | refused
list_members     a page at a time, each with a name to show
add_member       an account by any identifier of it, or by its id          -> done | refused
set_roles        of a member                                               -> done | refused
remove_member    what was granted for the organisation ends at once        -> done | refused

And for people themselves:
of_account       the organisations of a session's account
leave
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flows import cursors, users
from flows.outcomes import Done, Refused
from flows.refusals import explained
from flows.services import Services
from rules import ways_in
from rules.refusals import Reason, RefusedError
from rules.tokens import is_id, new_id
from settings.fields import N_, Problem
from settings.organizations import OrganizationSettings, read_organization, write_organization
from storage import accounts, audit, organizations
from storage.accounts import Identifier
from storage.admins import Admin
from storage.audit import Entry
from storage.database import Connection
from storage.organizations import Member, Organization
from storage.sessions import Session

SHOWN = 50


@dataclass(frozen=True)
class ListedMember:
    """``shown``: the member's main identifier, masked for those who may not see it whole."""

    account_id: str
    shown: str
    roles: tuple[str, ...]
    joined_at: float


def list_all(services: Services) -> list[tuple[Organization, int]]:
    """Each with how many belong to it."""
    with services.database.read() as connection:
        return organizations.list_all(connection)


def find(services: Services, organization_id: str) -> Organization | None:
    if not is_id(organization_id):
        return None
    with services.database.read() as connection:
        return organizations.find(connection, organization_id)


def create(services: Services, author: str, values: dict[str, Any]) -> str | Refused:
    settings, problems = _checked(services, values)
    if settings is None:
        return Refused("invalid", values=dict(problems))
    made = Organization(new_id(), settings, services.clock())
    with services.database.write() as connection:
        organizations.add(connection, made)
        note(services, connection, author, "created", made)
    return made.id


def save(services: Services, author: str, organization: Organization, values: dict[str, Any]) -> Done | Refused:
    settings, problems = _checked(services, values)
    if settings is None:
        return Refused("invalid", values=dict(problems))
    old, new = write_organization(organization.settings), write_organization(settings)
    changed = sorted(name for name in new if new[name] != old[name])
    after = Organization(organization.id, settings, organization.created_at)
    if changed:
        with services.database.write() as connection:
            if not organizations.save(connection, after):
                return Refused("not_found")
            note(services, connection, author, "saved", after, changed=changed)
    return Done()


def _checked(services: Services, values: dict[str, Any]) -> tuple[OrganizationSettings | None, dict[str, Problem]]:
    settings, problems = read_organization(values)
    if settings is None:
        return None, problems
    today = services.settings()
    if not ways_in.is_any(today, frozenset(settings.methods)):
        problems = {"methods": Problem(N_("None of these is switched on."))}
    strange = [name for name in settings.join_upstreams if name not in today.upstreams.configurations]
    if strange:
        problems |= {"join_upstreams": Problem(N_("%(name)s is not set up."), {"name": strange[0]})}
    factors = today.second_factors
    if settings.second_factor and not (factors.totp or factors.passkey or factors.sms):
        problems |= {"second_factor": Problem(N_("No second factor is switched on."))}
    return (None if problems else settings), problems


def delete(services: Services, author: str, organization: Organization, confirmation: str) -> Done | Refused:
    if confirmation.strip() != organization.settings.name:
        wanted = Problem(N_("Type %(name)s to delete it."), {"name": organization.settings.name})
        return Refused("invalid", values={"confirm": wanted})
    with services.database.write() as connection:
        if organizations.delete(connection, organization.id):
            note(services, connection, author, "deleted", organization)
    return Done()


def list_members(
    services: Services, admin: Admin, organization: Organization, before: float, *, before_id: str = ""
) -> tuple[list[ListedMember], ListedMember | None]:
    """A page of them, and the one after which the list goes on."""
    with services.database.read() as connection:
        found = organizations.members(connection, organization.id, before, before_id=before_id, most=SHOWN + 1)
        own = accounts.identifiers_of(connection, [each.account_id for each in found])
    listed = [
        ListedMember(each.account_id, _name(admin, own[each.account_id]), each.roles, each.joined_at) for each in found
    ]
    return cursors.page(listed, SHOWN)


def _name(admin: Admin, identifiers: Sequence[Identifier]) -> str:
    own = sorted(identifiers, key=lambda each: each.kind != accounts.PHONE)
    return users.shown_to(admin, own[0]) if own else ""


@explained
def add_member(
    services: Services, admin: Admin, organization: Organization, typed: str, roles: Sequence[str]
) -> str | Refused:
    """The account's id. An admin may vouch for whom they like; others are invited."""
    found = users.find(services, admin, typed, float("inf")) if typed.strip() else []
    if len(found) != 1:
        raise RefusedError(Reason.NO_SUCH_ACCOUNT)
    chosen, now = known_roles(organization, roles), services.clock()
    with services.database.write() as connection:
        if not organizations.join(connection, organization.id, found[0].id, chosen, now):
            raise RefusedError(Reason.MEMBER_ALREADY)
        note(services, connection, admin.name, "member_added", organization, user=found[0].id, roles=list(chosen))
    return found[0].id


@explained
def set_roles(
    services: Services, author: str, organization: Organization, account_id: str, roles: Sequence[str]
) -> Done | Refused:
    chosen = known_roles(organization, roles, none=True)
    with services.database.write() as connection:
        if not organizations.set_roles(connection, organization.id, account_id, chosen, services.clock()):
            raise RefusedError(Reason.NO_SUCH_ACCOUNT)
        note(services, connection, author, "roles_changed", organization, user=account_id, roles=list(chosen))
    return Done()


def known_roles(organization: Organization, roles: Sequence[str], *, none: bool = False) -> tuple[str, ...]:
    """Raises RefusedError. Where none is named it is the first one, unless there may be ``none``."""
    if not roles and not none:
        return (organization.settings.default_role,)
    if not set(roles) <= set(organization.settings.permissions()):
        raise RefusedError(Reason.NO_SUCH_ROLE)
    return tuple(roles)


@explained
def remove_member(services: Services, author: str, organization: Organization, account_id: str) -> Done | Refused:
    with services.database.write() as connection:
        if not organizations.leave(connection, organization.id, account_id, services.clock()):
            raise RefusedError(Reason.NO_SUCH_ACCOUNT)
        note(services, connection, author, "member_removed", organization, user=account_id)
    return Done()


def of_account(services: Services, session: Session) -> list[Member]:
    with services.database.read() as connection:
        return organizations.of_account(connection, session.owner_id)


def mine(services: Services, session: Session, organization_id: str) -> Member | None:
    """The person's own place in an organisation."""
    if not is_id(organization_id):
        return None
    with services.database.read() as connection:
        return organizations.member(connection, organization_id, session.owner_id)


def leave(services: Services, session: Session, organization_id: str) -> None:
    member = mine(services, session, organization_id)
    if member:
        remove_member(services, f"account:{session.owner_id}", member.organization, session.owner_id)


def note(
    services: Services, connection: Connection, author: str, what: str, organization: Organization, **details: object
) -> None:
    about = {"name": organization.settings.name, "organization": organization.id} | details
    audit.add(connection, Entry(services.clock(), author, f"organization.{what}", about))
