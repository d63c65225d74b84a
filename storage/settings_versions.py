"""Settings are versions: each save is a row with its author, its time and what it changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from storage.database import Connection


@dataclass(frozen=True)
class Version:
    """``changes``: (path, old, new) each, with secrets masked."""

    id: int
    created_at: float
    author: str
    changes: tuple[tuple[str, Any, Any], ...]


NEWEST_ID = text("SELECT max(id) FROM settings_versions")
DOCUMENT = text("SELECT document FROM settings_versions WHERE id = :id")
LIST = text("SELECT id, created_at, author, changes FROM settings_versions ORDER BY id DESC LIMIT :most")
# The id is given, not drawn: of two saves on the same version one fails, and its author is told.
ADD = text(
    """INSERT INTO settings_versions (id, created_at, author, document, changes)
    VALUES (:id, :created_at, :author, :document, :changes) ON CONFLICT (id) DO NOTHING"""
)


def newest_id(connection: Connection) -> int:
    """0 where nothing was saved yet."""
    return connection.execute(NEWEST_ID).scalar_one() or 0


def document(connection: Connection, version: int) -> dict[str, Any] | None:
    """The document of a version, its secrets sealed."""
    found = connection.execute(DOCUMENT, {"id": version}).scalar_one_or_none()
    return None if found is None else json.loads(found)


def add(connection: Connection, version: Version, sealed_document: dict[str, Any]) -> bool:
    """False where a version of this id is there already."""
    values = {
        "id": version.id,
        "created_at": version.created_at,
        "author": version.author,
        "document": json.dumps(sealed_document, ensure_ascii=False),
        "changes": json.dumps(version.changes, ensure_ascii=False),
    }
    return connection.execute(ADD, values).rowcount == 1


def history(connection: Connection, *, most: int = 100) -> list[Version]:
    rows = connection.execute(LIST, {"most": most})
    return [
        Version(row.id, row.created_at, row.author, tuple((p, old, new) for p, old, new in json.loads(row.changes)))
        for row in rows
    ]
