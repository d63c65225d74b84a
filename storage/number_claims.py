"""Numbers that somebody has proved who is not of the account that has them: at most one claim a number."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection


@dataclass(frozen=True)
class Claim:
    """``release_at``: from when whoever proves the number again may have it; ``expires_at``: until when."""

    value: str
    account_id: str
    claimed_at: float
    release_at: float
    expires_at: float


# One that is over, or that is of another account than has the number now, makes room.
ADD = text(
    """INSERT INTO number_claims (value, account_id, claimed_at, release_at, expires_at)
    VALUES (:value, :account_id, :claimed_at, :release_at, :expires_at)
    ON CONFLICT (value) DO UPDATE SET account_id = excluded.account_id, claimed_at = excluded.claimed_at,
    release_at = excluded.release_at, expires_at = excluded.expires_at
    WHERE number_claims.expires_at <= excluded.claimed_at OR number_claims.account_id <> excluded.account_id"""
)
FIND = text(
    """SELECT value, account_id, claimed_at, release_at, expires_at FROM number_claims
    WHERE value = :value AND account_id = :account_id AND expires_at > :now"""
)
OF_ACCOUNT = text(
    """SELECT value, account_id, claimed_at, release_at, expires_at FROM number_claims
    WHERE account_id = :account_id AND expires_at > :now"""
)
TAKE = text(
    """DELETE FROM number_claims WHERE value = :value AND account_id = :account_id
    AND release_at <= :now AND expires_at > :now"""
)
DROP = text("DELETE FROM number_claims WHERE value = :value AND account_id = :account_id")


def add(connection: Connection, claim: Claim) -> bool:
    """False where there is one already."""
    return connection.execute(ADD, vars(claim)).rowcount == 1


def find(connection: Connection, value: str, account_id: str, now: float) -> Claim | None:
    row = connection.execute(FIND, {"value": value, "account_id": account_id, "now": now}).one_or_none()
    return Claim(**row._mapping) if row else None


def of_account(connection: Connection, account_id: str, now: float) -> list[Claim]:
    rows = connection.execute(OF_ACCOUNT, {"account_id": account_id, "now": now})
    return [Claim(**row._mapping) for row in rows]


def take(connection: Connection, value: str, account_id: str, now: float) -> bool:
    """A claim whose time has come is spent: true for one caller only."""
    return connection.execute(TAKE, {"value": value, "account_id": account_id, "now": now}).rowcount == 1


def drop(connection: Connection, value: str, account_id: str) -> bool:
    """The account has shown that the number is still its own."""
    return connection.execute(DROP, {"value": value, "account_id": account_id}).rowcount == 1
