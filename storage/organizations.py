"""Organisations, and who belongs to them with which roles."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from settings.organizations import OrganizationSettings, read_organization, write_organization
from settings.webhooks import MEMBER_CHANGED, MEMBER_JOINED, MEMBER_LEFT
from storage import webhook_events
from storage.database import Connection

log = logging.getLogger("doorcode.organizations")

LATELY = 3600  # seconds: longer than it takes to come from another provider and to show a second factor


@dataclass(frozen=True)
class Organization:
    id: str
    settings: OrganizationSettings
    created_at: float


@dataclass(frozen=True)
class Member:
    """``roles``: those that the organisation has today."""

    organization: Organization
    account_id: str
    roles: tuple[str, ...]
    joined_at: float

    @property
    def permissions(self) -> tuple[str, ...]:
        known = self.organization.settings.permissions()
        return tuple(sorted({each for role in self.roles for each in known[role]}))


ADD = text("INSERT INTO organizations (id, name, settings, created_at) VALUES (:id, :name, :settings, :created_at)")
SAVE = text("UPDATE organizations SET name = :name, settings = :settings WHERE id = :id")
DELETE = text("DELETE FROM organizations WHERE id = :id")
FIND = text("SELECT id, settings, created_at FROM organizations WHERE id = :id")
LIST = text(
    """SELECT o.id, o.settings, o.created_at, (SELECT count(*) FROM organization_members m
    WHERE m.organization_id = o.id AND m.left_at IS NULL) AS members
    FROM organizations o ORDER BY lower(o.name), o.id"""
)
STOP_JOINING = text("DELETE FROM organization_joining WHERE organization_id = :id")
JOINING = text(
    """INSERT INTO organization_joining (kind, value, organization_id, role) VALUES (:kind, :value, :id, :role)
    ON CONFLICT DO NOTHING"""
)
# A member keeps the roles that they have; who left comes back with the new ones.
JOIN = text(
    """INSERT INTO organization_members (organization_id, account_id, roles, joined_at)
    VALUES (:organization_id, :account_id, :roles, :now)
    ON CONFLICT (organization_id, account_id) DO UPDATE SET roles = excluded.roles, joined_at = excluded.joined_at,
    left_at = NULL WHERE organization_members.left_at IS NOT NULL"""
)
JOIN_BY_THEMSELVES = text(
    """INSERT INTO organization_members (organization_id, account_id, roles, joined_at)
    SELECT organization_id, :account_id, min(role), :now FROM (
        SELECT j.organization_id, j.role FROM identifiers i JOIN organization_joining j ON
        (j.kind = 'country' AND i.kind = 'phone' AND j.value = i.country)
        OR (j.kind = 'block' AND i.kind = 'phone' AND i.value LIKE j.value || '%')
        OR (j.kind = 'domain' AND i.kind = 'email' AND i.value LIKE '%@' || j.value)
        WHERE i.account_id = :account_id AND i.vouched_by IS NULL
        UNION ALL SELECT j.organization_id, j.role FROM upstream_identities u JOIN organization_joining j ON
        j.kind = 'upstream' AND j.value = u.name WHERE u.account_id = :account_id AND u.used_at > :lately
    ) AS found WHERE true GROUP BY organization_id
    ON CONFLICT (organization_id, account_id) DO NOTHING RETURNING organization_id, roles"""
)
MEMBERS = """SELECT o.id, o.settings, o.created_at, m.account_id, m.roles, m.joined_at
    FROM organization_members m JOIN organizations o ON o.id = m.organization_id WHERE m.left_at IS NULL AND """
MEMBER = text(MEMBERS + "o.id = :id AND m.account_id = :account_id")
OF_ACCOUNT = text(MEMBERS + "m.account_id = :account_id ORDER BY lower(o.name), o.id")
OF_ORGANIZATION = text(
    MEMBERS
    + """o.id = :id AND (m.joined_at < :before OR (m.joined_at = :before AND m.account_id < :before_id))
    ORDER BY m.joined_at DESC, m.account_id DESC LIMIT :most"""
)
SET_ROLES = text(
    """UPDATE organization_members SET roles = :roles
    WHERE organization_id = :id AND account_id = :account_id AND left_at IS NULL"""
)
LEAVE = text(
    """UPDATE organization_members SET left_at = :now
    WHERE organization_id = :id AND account_id = :account_id AND left_at IS NULL"""
)


def add(connection: Connection, organization: Organization) -> None:
    connection.execute(ADD, _row(organization) | {"created_at": organization.created_at})
    _joining(connection, organization)


def save(connection: Connection, organization: Organization) -> bool:
    if connection.execute(SAVE, _row(organization)).rowcount != 1:
        return False
    connection.execute(STOP_JOINING, {"id": organization.id})
    _joining(connection, organization)
    return True


def _row(organization: Organization) -> dict[str, object]:
    settings = json.dumps(write_organization(organization.settings), ensure_ascii=False)
    return {"id": organization.id, "name": organization.settings.name, "settings": settings}


def _joining(connection: Connection, organization: Organization) -> None:
    rows = [
        {"kind": kind, "value": value, "id": organization.id, "role": organization.settings.default_role}
        for kind, value in organization.settings.joining()
    ]
    if rows:
        connection.execute(JOINING, rows)


def delete(connection: Connection, organization_id: str) -> bool:
    """With it go its members' places and its invitations; the accounts stay."""
    return connection.execute(DELETE, {"id": organization_id}).rowcount == 1


def find(connection: Connection, organization_id: str) -> Organization | None:
    row = connection.execute(FIND, {"id": organization_id}).one_or_none()
    return _organization(row) if row else None


def list_all(connection: Connection) -> list[tuple[Organization, int]]:
    """Each with how many belong to it."""
    return [(_organization(row), row.members) for row in connection.execute(LIST)]


def _organization(row: Any) -> Organization:
    """What an older version saved and this one refuses gets its default, and the log says so."""
    values = json.loads(row.settings)
    settings, problems = read_organization(values)
    if settings is None:
        log.error("organisation %s: unreadable settings: %s", row.id, ", ".join(sorted(problems)))
        settings, _problems = read_organization({name: each for name, each in values.items() if name not in problems})
    return Organization(row.id, settings or OrganizationSettings(), row.created_at)


def join(connection: Connection, organization_id: str, account_id: str, roles: Sequence[str], now: float) -> bool:
    """False for who is a member: their roles stay."""
    parameters = {"organization_id": organization_id, "account_id": account_id, "roles": " ".join(roles), "now": now}
    if connection.execute(JOIN, parameters).rowcount != 1:
        return False
    _tell(connection, MEMBER_JOINED, organization_id, account_id, now, roles=list(roles))
    return True


def _tell(
    connection: Connection, kind: str, organization_id: str, account_id: str, now: float, **more: list[str]
) -> None:
    webhook_events.tell(connection, kind, now, {"organization_id": organization_id, **more}, account_id=account_id)


def join_by_themselves(connection: Connection, account_id: str, now: float) -> list[str]:
    """The organisations that take the account in for a number or address of its own, or for who it is elsewhere and
    has just come as, as far as it never was there."""
    parameters = {"account_id": account_id, "now": now, "lately": now - LATELY}
    joined = connection.execute(JOIN_BY_THEMSELVES, parameters).all()
    for row in joined:
        _tell(connection, MEMBER_JOINED, row.organization_id, account_id, now, roles=row.roles.split())
    return [row.organization_id for row in joined]


def member(connection: Connection, organization_id: str, account_id: str) -> Member | None:
    row = connection.execute(MEMBER, {"id": organization_id, "account_id": account_id}).one_or_none()
    return _member(row) if row else None


def of_account(connection: Connection, account_id: str) -> list[Member]:
    return [_member(row) for row in connection.execute(OF_ACCOUNT, {"account_id": account_id})]


def members(
    connection: Connection, organization_id: str, before: float, *, before_id: str = "", most: int
) -> list[Member]:
    """Who joined last comes first. ``before``, ``before_id``: of the member that the list goes on after."""
    parameters = {"id": organization_id, "before": before, "before_id": before_id, "most": most}
    return [_member(row) for row in connection.execute(OF_ORGANIZATION, parameters)]


def _member(row: Any) -> Member:
    organization = _organization(row)
    known = organization.settings.permissions()
    return Member(
        organization, row.account_id, tuple(role for role in row.roles.split() if role in known), row.joined_at
    )


def set_roles(connection: Connection, organization_id: str, account_id: str, roles: Sequence[str], now: float) -> bool:
    parameters = {"id": organization_id, "account_id": account_id, "roles": " ".join(roles)}
    if connection.execute(SET_ROLES, parameters).rowcount != 1:
        return False
    _tell(connection, MEMBER_CHANGED, organization_id, account_id, now, roles=list(roles))
    return True


def leave(connection: Connection, organization_id: str, account_id: str, now: float) -> bool:
    if connection.execute(LEAVE, {"id": organization_id, "account_id": account_id, "now": now}).rowcount != 1:
        return False
    _tell(connection, MEMBER_LEFT, organization_id, account_id, now)
    return True
