"""Accounts and what names them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection

PHONE = "phone"

ADD_ACCOUNT = text("INSERT INTO accounts (id, created_at, locale) VALUES (:id, :now, :locale)")
REMOVE_ACCOUNT = text("DELETE FROM accounts WHERE id = :id")
ADD_IDENTIFIER = text(
    """INSERT INTO identifiers (kind, value, account_id, country, verified_at)
    VALUES (:kind, :value, :account_id, :country, :now) ON CONFLICT (kind, value) DO NOTHING"""
)
OWNER = text("SELECT account_id FROM identifiers WHERE kind = :kind AND value = :value")
NUMBERS = text(
    "SELECT value, country, verified_at FROM identifiers WHERE kind = 'phone' AND account_id = :id ORDER BY verified_at"
)
COUNT_BY_PHONE = text("SELECT count(DISTINCT account_id) FROM identifiers WHERE kind = 'phone'")


@dataclass(frozen=True)
class Number:
    value: str
    country: str
    verified_at: float


def create_if_new(connection: Connection, account_id: str, number: str, country: str, locale: str, now: float) -> None:
    """An account for a proved number, unless it has one."""
    if owner(connection, number):
        return
    connection.execute(ADD_ACCOUNT, {"id": account_id, "now": now, "locale": locale})
    identifier = {"kind": PHONE, "value": number, "account_id": account_id, "country": country, "now": now}
    if connection.execute(ADD_IDENTIFIER, identifier).rowcount != 1:  # somebody was faster
        connection.execute(REMOVE_ACCOUNT, {"id": account_id})


def owner(connection: Connection, number: str) -> str | None:
    """The account that a number names."""
    return connection.execute(OWNER, {"kind": PHONE, "value": number}).scalar_one_or_none()


def numbers(connection: Connection, account_id: str) -> list[Number]:
    return [Number(row.value, row.country, row.verified_at) for row in connection.execute(NUMBERS, {"id": account_id})]


def count_by_phone(connection: Connection) -> int:
    """How many accounts sign in by a text message."""
    return int(connection.execute(COUNT_BY_PHONE).scalar_one())
