"""What people allowed applications to know, and by which subject each application knows them."""

from __future__ import annotations

from sqlalchemy import text

from storage.database import Connection

SCOPE = text("SELECT scope FROM consents WHERE account_id = :account_id AND client_id = :client_id")
GIVE = text(  # also holds the row, so that of two at once neither loses what the other gave
    """INSERT INTO consents (account_id, client_id, scope, given_at) VALUES (:account_id, :client_id, '', :now)
    ON CONFLICT (account_id, client_id) DO UPDATE SET given_at = excluded.given_at RETURNING scope"""
)
WIDEN = text("UPDATE consents SET scope = :scope WHERE account_id = :account_id AND client_id = :client_id")
TAKE_BACK = text("DELETE FROM consents WHERE account_id = :account_id AND client_id = :client_id")
SUBJECT = text("SELECT subject FROM subjects WHERE client_id = :client_id AND account_id = :account_id")
ADD_SUBJECT = text(
    """INSERT INTO subjects (client_id, account_id, subject) VALUES (:client_id, :account_id, :subject)
    ON CONFLICT (client_id, account_id) DO NOTHING"""
)


def scopes(connection: Connection, account_id: str, client_id: str) -> set[str]:
    found = connection.execute(SCOPE, {"account_id": account_id, "client_id": client_id}).scalar_one_or_none()
    return set((found or "").split())


def give(connection: Connection, account_id: str, client_id: str, scope: set[str], now: float) -> None:
    """Beside what was given before."""
    key = {"account_id": account_id, "client_id": client_id}
    before = connection.execute(GIVE, key | {"now": now}).scalar_one().split()
    connection.execute(WIDEN, key | {"scope": " ".join(sorted(scope.union(before)))})


def take_back(connection: Connection, account_id: str, client_id: str) -> bool:
    return connection.execute(TAKE_BACK, {"account_id": account_id, "client_id": client_id}).rowcount == 1


def subject(connection: Connection, client_id: str, account_id: str) -> str | None:
    """How the client knows the account, if it has a name of its own for it."""
    parameters = {"client_id": client_id, "account_id": account_id}
    return connection.execute(SUBJECT, parameters).scalar_one_or_none()


def make_subject(connection: Connection, client_id: str, account_id: str, new: str) -> str:
    """How the client knows the account: ``new`` where it does not yet."""
    parameters = {"client_id": client_id, "account_id": account_id}
    connection.execute(ADD_SUBJECT, parameters | {"subject": new})
    return str(connection.execute(SUBJECT, parameters).scalar_one())
