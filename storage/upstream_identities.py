"""Who an account is at other providers, and who has come from one and is not settled yet."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection, rows_of


@dataclass(frozen=True)
class LinkedIdentity:
    """``name``: of the provider in the settings. ``email``: what it said last, "" for none; nothing rests on it."""

    id: str
    issuer: str
    subject: str
    account_id: str
    name: str
    email: str
    created_at: float
    used_at: float


@dataclass(frozen=True)
class Arrival:
    """Somebody who came from a provider, by the ticket that says where they are now."""

    ticket_id: str
    name: str
    issuer: str
    subject: str
    email: str
    email_verified: bool


COLUMNS = ("id", "issuer", "subject", "account_id", "name", "email", "created_at", "used_at")
SELECT = f"SELECT {', '.join(COLUMNS)} FROM upstream_identities "  # noqa: S608 - constants
FIND = rows_of(SELECT + "WHERE issuer = :issuer AND subject = :subject", COLUMNS)
OF_ACCOUNT = rows_of(SELECT + "WHERE account_id = :account_id ORDER BY created_at", COLUMNS)
ELSEWHERE = text("SELECT count(*) FROM upstream_identities WHERE subject = :subject AND issuer <> :issuer")
COUNT = text("SELECT count(DISTINCT account_id) FROM upstream_identities WHERE name = :name")
ADD = text(
    f"""INSERT INTO upstream_identities ({", ".join(COLUMNS)}) VALUES ({", ".join(f":{name}" for name in COLUMNS)})
    ON CONFLICT (issuer, subject) DO NOTHING"""  # noqa: S608
)
SEEN = text("UPDATE upstream_identities SET used_at = :now, email = :email, name = :name WHERE id = :id")
REMOVE = text("DELETE FROM upstream_identities WHERE account_id = :account_id AND id = :id")
OF_ARRIVAL = ("ticket_id", "name", "issuer", "subject", "email", "email_verified")
ADD_ARRIVAL = text(
    f"""INSERT INTO upstream_arrivals ({", ".join(OF_ARRIVAL)})
    VALUES ({", ".join(f":{name}" for name in OF_ARRIVAL)})"""  # noqa: S608
)
FIND_ARRIVAL = rows_of(
    f"SELECT {', '.join(OF_ARRIVAL)} FROM upstream_arrivals WHERE ticket_id = :ticket_id",  # noqa: S608
    OF_ARRIVAL,
)


def find(connection: Connection, issuer: str, subject: str) -> LinkedIdentity | None:
    row = connection.execute(FIND, {"issuer": issuer, "subject": subject}).one_or_none()
    return LinkedIdentity(**row._mapping) if row else None


def of_account(connection: Connection, account_id: str) -> list[LinkedIdentity]:
    return [LinkedIdentity(**row._mapping) for row in connection.execute(OF_ACCOUNT, {"account_id": account_id})]


def count(connection: Connection, name: str) -> int:
    """How many accounts are linked to a provider."""
    return int(connection.execute(COUNT, {"name": name}).scalar_one())


def is_known_elsewhere(connection: Connection, issuer: str, subject: str) -> bool:
    """Whether another issuer has somebody of the same subject: two people, or somebody who would pass for the other."""
    return bool(connection.execute(ELSEWHERE, {"issuer": issuer, "subject": subject}).scalar_one())


def link(connection: Connection, identity: LinkedIdentity) -> bool:
    """False where it is linked to another account; true also where it is this account's already."""
    if connection.execute(ADD, vars(identity)).rowcount == 1:
        return True
    found = find(connection, identity.issuer, identity.subject)
    return found is not None and found.account_id == identity.account_id


def seen(connection: Connection, identity_id: str, name: str, email: str, now: float) -> bool:
    """False where it was unlinked meanwhile."""
    return connection.execute(SEEN, {"id": identity_id, "name": name, "email": email, "now": now}).rowcount == 1


def remove(connection: Connection, account_id: str, identity_id: str) -> bool:
    return connection.execute(REMOVE, {"account_id": account_id, "id": identity_id}).rowcount == 1


def add_arrival(connection: Connection, arrival: Arrival) -> None:
    connection.execute(ADD_ARRIVAL, vars(arrival))


def find_arrival(connection: Connection, ticket_id: str) -> Arrival | None:
    row = connection.execute(FIND_ARRIVAL, {"ticket_id": ticket_id}).one_or_none()
    return Arrival(**row._mapping) if row else None
