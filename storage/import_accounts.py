"""Accounts from elsewhere, many in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Text, bindparam, text
from sqlalchemy.exc import IntegrityError

from storage.accounts import Identifier
from storage.database import Connection


class TakenMeanwhileError(Exception):
    """Somebody has signed up with one of the identifiers since they were looked at."""


@dataclass(frozen=True)
class NewAccount:
    """``created_at`` counts as the time when its identifiers were verified and its password chosen, too;
    ``seen_at``: an account that has just come has not been asleep."""

    id: str
    created_at: float
    seen_at: float
    locale: str
    password_hash: str | None
    identifiers: tuple[Identifier, ...]


# The index is by kind, then value.
OWNERS = text(
    """SELECT kind, value, account_id FROM identifiers
    WHERE kind IN ('phone', 'email', 'username') AND value IN :values"""
).bindparams(bindparam("values", expanding=True, type_=Text()))
ADD_ACCOUNTS = text(
    """INSERT INTO accounts (id, created_at, locale, password_hash, password_at, seen_at)
    VALUES (:id, :created_at, :locale, :password_hash, :password_at, :seen_at)"""
)
ADD_IDENTIFIERS = text(
    """INSERT INTO identifiers (kind, value, account_id, country, verified_at, is_primary, vouched_by)
    VALUES (:kind, :value, :account_id, :country, :verified_at, TRUE, 'import')"""
)


def owners(connection: Connection, identifiers: Sequence[Identifier]) -> dict[tuple[str, str], str]:
    """The accounts that these identifiers have already, by kind and value."""
    rows = connection.execute(OWNERS, {"values": [each.value for each in identifiers]}) if identifiers else ()
    return {(row.kind, row.value): row.account_id for row in rows}


def add(connection: Connection, accounts: Sequence[NewAccount]) -> None:
    """All of them, or TakenMeanwhileError, and the transaction is void."""
    if not accounts:
        return
    try:
        connection.execute(ADD_ACCOUNTS, [_account(each) for each in accounts])
        connection.execute(ADD_IDENTIFIERS, [_identifier(each, name) for each in accounts for name in each.identifiers])
    except IntegrityError:
        raise TakenMeanwhileError from None


def _account(account: NewAccount) -> dict[str, object]:
    return {
        "id": account.id,
        "created_at": account.created_at,
        "locale": account.locale,
        "password_hash": account.password_hash,
        "password_at": account.created_at if account.password_hash else None,
        "seen_at": account.seen_at,
    }


def _identifier(account: NewAccount, identifier: Identifier) -> dict[str, object]:
    return {
        "kind": identifier.kind,
        "value": identifier.value,
        "account_id": account.id,
        "country": identifier.country,
        "verified_at": account.created_at,
    }
