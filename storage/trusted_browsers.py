"""Browsers that an account is not asked for a second factor in, for a while. Only the hash of their secret is kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection


@dataclass(frozen=True)
class TrustedBrowser:
    id: str
    account_id: str
    token_hash: str
    device: str
    created_at: float
    expires_at: float


ADD = text(
    """INSERT INTO trusted_browsers (id, account_id, token_hash, device, created_at, expires_at)
    VALUES (:id, :account_id, :token_hash, :device, :created_at, :expires_at)"""
)
IS_TRUSTED = text(
    "SELECT 1 FROM trusted_browsers WHERE token_hash = :token_hash AND account_id = :account_id AND expires_at > :now"
)
LIST = text(
    """SELECT id, account_id, token_hash, device, created_at, expires_at FROM trusted_browsers
    WHERE account_id = :account_id AND expires_at > :now ORDER BY created_at DESC"""
)
FORGET = text("DELETE FROM trusted_browsers WHERE account_id = :account_id AND id = :id")
FORGET_ALL = text("DELETE FROM trusted_browsers WHERE account_id = :account_id")


def add(connection: Connection, browser: TrustedBrowser) -> None:
    connection.execute(ADD, vars(browser))


def is_trusted(connection: Connection, token_hash: str, account_id: str, now: float) -> bool:
    parameters = {"token_hash": token_hash, "account_id": account_id, "now": now}
    return connection.execute(IS_TRUSTED, parameters).first() is not None


def of_account(connection: Connection, account_id: str, now: float) -> list[TrustedBrowser]:
    rows = connection.execute(LIST, {"account_id": account_id, "now": now})
    return [TrustedBrowser(**row._mapping) for row in rows]


def forget(connection: Connection, account_id: str, browser_id: str) -> bool:
    return connection.execute(FORGET, {"account_id": account_id, "id": browser_id}).rowcount == 1


def forget_all(connection: Connection, account_id: str) -> int:
    """After a password or a factor changed."""
    return connection.execute(FORGET_ALL, {"account_id": account_id}).rowcount
