"""The keys that sign tokens, sealed (storage/sealing.py)."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import text

from storage.database import Connection


@dataclass(frozen=True)
class StoredKey:
    id: str
    algorithm: str
    sealed: str = field(repr=False)
    created_at: float
    signs_from: float


ALL = text("SELECT id, algorithm, sealed, created_at, signs_from FROM signing_keys ORDER BY signs_from DESC, id")
ADD = text(
    """INSERT INTO signing_keys (id, algorithm, sealed, created_at, signs_from)
    VALUES (:id, :algorithm, :sealed, :created_at, :signs_from)"""
)
DELETE = text("DELETE FROM signing_keys WHERE id = :id")


def read_all(connection: Connection) -> list[StoredKey]:
    """The newest first."""
    return [StoredKey(**row._mapping) for row in connection.execute(ALL)]


def add(connection: Connection, key: StoredKey) -> None:
    connection.execute(ADD, vars(key))


def delete(connection: Connection, key_id: str) -> None:
    connection.execute(DELETE, {"id": key_id})
