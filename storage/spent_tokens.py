"""Ids of tokens that are good no more, until they would have ended by themselves."""

from __future__ import annotations

from sqlalchemy import text

from storage.database import Connection

SPEND = text("INSERT INTO spent_tokens (id, expires_at) VALUES (:id, :expires_at) ON CONFLICT (id) DO NOTHING")
IS_SPENT = text("SELECT 1 FROM spent_tokens WHERE id = :id")


def spend(connection: Connection, token_id: str, expires_at: float) -> bool:
    """True for one caller only."""
    return connection.execute(SPEND, {"id": token_id, "expires_at": expires_at}).rowcount == 1


def is_spent(connection: Connection, token_id: str) -> bool:
    return connection.execute(IS_SPENT, {"id": token_id}).first() is not None
