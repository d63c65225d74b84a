"""Calls of programs that bear an Idempotency-Key, and what they were answered."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import text

from storage.database import Connection


@dataclass(frozen=True)
class KeptCall:
    """``request``: a digest of what was asked; ``answer``: sealed, None while the call is under way."""

    request: str
    answer: str | None = field(repr=False)
    created_at: float


BEGIN = text(
    """INSERT INTO idempotency_keys (holder, key, request, created_at, expires_at)
    VALUES (:holder, :key, :request, :now, :expires_at) ON CONFLICT (holder, key) DO NOTHING"""
)
FORGET_OLD = text("DELETE FROM idempotency_keys WHERE holder = :holder AND key = :key AND expires_at <= :now")
FIND = text("SELECT request, answer, created_at FROM idempotency_keys WHERE holder = :holder AND key = :key")
ANSWER = text("UPDATE idempotency_keys SET answer = :answer WHERE holder = :holder AND key = :key")
FORGET = text("DELETE FROM idempotency_keys WHERE holder = :holder AND key = :key AND answer IS NULL")


def begin(connection: Connection, holder: str, key: str, request: str, now: float, expires_at: float) -> bool:
    """True for one caller only, who is to do what was asked."""
    values = {"holder": holder, "key": key, "request": request, "now": now, "expires_at": expires_at}
    connection.execute(FORGET_OLD, values)
    return connection.execute(BEGIN, values).rowcount == 1


def find(connection: Connection, holder: str, key: str) -> KeptCall | None:
    row = connection.execute(FIND, {"holder": holder, "key": key}).one_or_none()
    return KeptCall(**row._mapping) if row else None


def answer(connection: Connection, holder: str, key: str, sealed: str) -> None:
    connection.execute(ANSWER, {"holder": holder, "key": key, "answer": sealed})


def forget(connection: Connection, holder: str, key: str) -> None:
    """As if the call had never come."""
    connection.execute(FORGET, {"holder": holder, "key": key})
