"""Invitations to organisations: one a number or address, with the links that its messages carried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from settings.webhooks import INVITATION_ACCEPTED
from storage import webhook_events
from storage.database import Connection


@dataclass(frozen=True)
class Invitation:
    """``invited_by``: the name that the invited person reads. ``times``: that it was sent; 0 for one that is new.

    ``message_state``, ``receipt``: of its newest message, None where that is no longer kept.
    """

    id: str
    organization_id: str
    kind: str
    address: str
    country: str
    locale: str
    roles: str
    invited_by: str
    created_at: float
    expires_at: float
    times: int = 0
    sent_at: float = 0
    accepted_at: float | None = None
    accepted_by: str | None = None
    withdrawn_at: float | None = None
    message_state: str | None = None
    receipt: int | None = None

    def is_open(self, now: float) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None and self.expires_at > now


NEW = (
    *("id", "organization_id", "kind", "address", "country", "locale", "roles", "invited_by", "created_at"),
    "expires_at",
)
COLUMNS = (*NEW, "times", "sent_at", "accepted_at", "accepted_by", "withdrawn_at")
FIND = f"""SELECT {", ".join(f"i.{name}" for name in COLUMNS)}, m.state AS message_state, m.receipt
    FROM invitations i LEFT JOIN messages m ON m.id = i.message_id """  # noqa: S608 - constants
IS_OPEN = "accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > :now"
OPEN_AT = text(
    f"""SELECT 1 FROM invitations WHERE organization_id = :organization_id AND kind = :kind AND address = :address
    AND {IS_OPEN}"""  # noqa: S608
)
CLEAR = text(
    f"""DELETE FROM invitations WHERE organization_id = :organization_id AND kind = :kind AND address = :address
    AND NOT ({IS_OPEN})"""  # noqa: S608
)
ADD = text(
    f"""INSERT INTO invitations ({", ".join(NEW)}, times, sent_at, message_id)
    VALUES ({", ".join(f":{name}" for name in NEW)}, 1, :now, :message_id)
    ON CONFLICT (organization_id, kind, address) DO NOTHING"""  # noqa: S608
)
SENT_AGAIN = text(
    f"""UPDATE invitations SET times = times + 1, sent_at = :now, message_id = :message_id
    WHERE id = :id AND times < :most AND {IS_OPEN}"""  # noqa: S608
)
ADD_LINK = text("INSERT INTO invitation_links (hash, invitation_id) VALUES (:hash, :id)")
BY_ID = text(FIND + "WHERE i.id = :id AND i.organization_id = :organization_id")
BY_LINK = text(FIND + "JOIN invitation_links l ON l.invitation_id = i.id WHERE l.hash = :hash")
BY_NAME = text(FIND + "WHERE i.id = :id")
LIST = text(
    FIND
    + """WHERE i.organization_id = :organization_id
    AND (i.created_at < :before OR (i.created_at = :before AND i.id < :before_id))
    ORDER BY i.created_at DESC, i.id DESC LIMIT :most"""
)
ACCEPT = text(
    f"""UPDATE invitations SET accepted_at = :now, accepted_by = :account_id WHERE id = :id AND {IS_OPEN}
    RETURNING organization_id"""  # noqa: S608
)
WITHDRAW = text(
    """UPDATE invitations SET withdrawn_at = :now
    WHERE id = :id AND organization_id = :organization_id AND accepted_at IS NULL AND withdrawn_at IS NULL"""
)


def is_open(connection: Connection, invitation: Invitation, now: float) -> bool:
    """Whether one to the same number or address of the organisation is open."""
    values = {name: getattr(invitation, name) for name in ("organization_id", "kind", "address")}
    return connection.execute(OPEN_AT, values | {"now": now}).first() is not None


def sent(connection: Connection, invitation: Invitation, message_id: str, now: float, *, most: int) -> bool:
    """Write a new one, or that it was sent again. False where another one is open there, or it is over or was sent
    ``most`` times."""
    values = {name: getattr(invitation, name) for name in NEW} | {"message_id": message_id, "now": now}
    if invitation.times:
        return connection.execute(SENT_AGAIN, values | {"most": most}).rowcount == 1
    connection.execute(CLEAR, values)
    return connection.execute(ADD, values).rowcount == 1


def add_link(connection: Connection, link_hash: str, invitation_id: str) -> None:
    connection.execute(ADD_LINK, {"hash": link_hash, "id": invitation_id})


def find(connection: Connection, organization_id: str, invitation_id: str) -> Invitation | None:
    return _one(connection.execute(BY_ID, {"id": invitation_id, "organization_id": organization_id}))


def by_link(connection: Connection, link_hash: str) -> Invitation | None:
    return _one(connection.execute(BY_LINK, {"hash": link_hash}))


def by_name(connection: Connection, invitation_id: str) -> Invitation | None:
    return _one(connection.execute(BY_NAME, {"id": invitation_id}))


def newest(
    connection: Connection, organization_id: str, before: float, *, before_id: str = "", most: int
) -> list[Invitation]:
    """``before``, ``before_id``: of the one that the list goes on after."""
    values = {"organization_id": organization_id, "before": before, "before_id": before_id, "most": most}
    return [Invitation(**row._mapping) for row in connection.execute(LIST, values)]


def _one(rows: Any) -> Invitation | None:
    row = rows.one_or_none()
    return Invitation(**row._mapping) if row else None


def accept(connection: Connection, invitation_id: str, account_id: str, now: float) -> bool:
    """True for one caller only, while it is open."""
    parameters = {"id": invitation_id, "account_id": account_id, "now": now}
    organization_id = connection.execute(ACCEPT, parameters).scalar_one_or_none()
    if organization_id is None:
        return False
    data = {"organization_id": organization_id, "invitation_id": invitation_id}
    webhook_events.tell(connection, INVITATION_ACCEPTED, now, data, account_id=account_id)
    return True


def withdraw(connection: Connection, organization_id: str, invitation_id: str, now: float) -> bool:
    values = {"id": invitation_id, "organization_id": organization_id, "now": now}
    return connection.execute(WITHDRAW, values).rowcount == 1
