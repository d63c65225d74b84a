"""Accounts as admins see them: found, listed, suspended, deleted."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from settings.webhooks import ACCOUNT_DELETED
from storage import webhook_events
from storage.database import Connection


@dataclass(frozen=True)
class ListedUser:
    id: str
    created_at: float
    suspended_at: float | None
    identifier: str
    kind: str


@dataclass(frozen=True)
class ListedFactor:
    id: str
    kind: str
    name: str
    created_at: float
    used_at: float | None


NAMED = """SELECT a.id, a.created_at, a.suspended_at, COALESCE(i.value, '') AS identifier, COALESCE(i.kind, '') AS kind
    FROM accounts a LEFT JOIN identifiers i ON i.account_id = a.id AND i.is_primary
    AND i.kind = (SELECT max(k.kind) FROM identifiers k WHERE k.account_id = a.id AND k.is_primary) """
NEWEST = text(
    NAMED + """WHERE (a.created_at, a.id) < (:before, :before_id) ORDER BY a.created_at DESC, a.id DESC LIMIT :most"""
)
FOUND = text(
    NAMED  # noqa: S608 - constants
    + """WHERE a.id IN (SELECT CAST(:text AS text) UNION SELECT account_id FROM identifiers
        WHERE kind IN ('phone', 'email', 'username') AND value IN (:text, :number, :email))
    ORDER BY a.created_at DESC LIMIT :most"""
)
SUSPEND = text("UPDATE accounts SET suspended_at = :at WHERE id = :id")
DELETE = text("DELETE FROM accounts WHERE id = :id")
FACTORS = text(
    "SELECT id, kind, name, created_at, used_at FROM factors WHERE account_id = :id ORDER BY kind, created_at"
)
# Backup codes are one factor to whoever removes them: all of them go with any one.
REMOVE_FACTOR = text(
    "DELETE FROM factors WHERE account_id = :id AND (id = :factor_id OR kind = 'backup_code' AND EXISTS"
    " (SELECT 1 FROM factors AS one WHERE one.id = :factor_id AND one.account_id = :id AND one.kind = 'backup_code'))"
)
COUNT = text("SELECT count(*) FROM accounts")


def newest(connection: Connection, before: float, *, before_id: str = "", most: int) -> list[ListedUser]:
    """Those that came before a moment, or before the account of an id at that very moment."""
    values = {"before": before, "before_id": before_id, "most": most}
    return [ListedUser(**row._mapping) for row in connection.execute(NEWEST, values)]


def find(connection: Connection, text: str, number: str, email: str, *, most: int) -> list[ListedUser]:
    """By id, by username, or by a number or address in its one spelling ("" where the text is none)."""
    parameters = {"text": text, "number": number or text, "email": email or text, "most": most}
    return [ListedUser(**row._mapping) for row in connection.execute(FOUND, parameters)]


def suspend(connection: Connection, account_id: str, at: float | None) -> bool:
    """None opens the account again."""
    return connection.execute(SUSPEND, {"id": account_id, "at": at}).rowcount == 1


def delete(connection: Connection, account_id: str, now: float) -> bool:
    """With its identifiers, factors and events."""
    if connection.execute(DELETE, {"id": account_id}).rowcount == 0:
        return False
    webhook_events.tell(connection, ACCOUNT_DELETED, now, {}, account_id=account_id)
    return True


def count(connection: Connection) -> int:
    return int(connection.execute(COUNT).scalar_one())


def factors(connection: Connection, account_id: str) -> list[ListedFactor]:
    return [ListedFactor(**row._mapping) for row in connection.execute(FACTORS, {"id": account_id})]


def remove_factor(connection: Connection, account_id: str, factor_id: str) -> bool:
    return connection.execute(REMOVE_FACTOR, {"id": account_id, "factor_id": factor_id}).rowcount > 0
