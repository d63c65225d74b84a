"""Browsers on their way to a provider and back: each state is good once, for the browser that took it along."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection, rows_of


@dataclass(frozen=True)
class Visit:
    """``browser``: the hash of its secret; ``flow``: sign_in, sign_up or link, with the account for that."""

    state_hash: str
    browser: str
    name: str
    flow: str
    account_id: str | None
    created_at: float
    expires_at: float
    used_at: float | None = None


COLUMNS = ("state_hash", "browser", "name", "flow", "account_id", "created_at", "expires_at", "used_at")
ADD = text(
    """INSERT INTO upstream_visits (state_hash, browser, name, flow, account_id, created_at, expires_at)
    VALUES (:state_hash, :browser, :name, :flow, :account_id, :created_at, :expires_at)"""
)
FIND = rows_of(f"SELECT {', '.join(COLUMNS)} FROM upstream_visits WHERE state_hash = :state_hash", COLUMNS)  # noqa: S608
USE = text("UPDATE upstream_visits SET used_at = :now WHERE state_hash = :state_hash AND used_at IS NULL")


def add(connection: Connection, visit: Visit) -> None:
    connection.execute(ADD, vars(visit))


def find(connection: Connection, state_hash: str) -> Visit | None:
    row = connection.execute(FIND, {"state_hash": state_hash}).one_or_none()
    return Visit(**row._mapping) if row else None


def use(connection: Connection, state_hash: str, now: float) -> bool:
    """True for one caller only."""
    return connection.execute(USE, {"state_hash": state_hash, "now": now}).rowcount == 1
