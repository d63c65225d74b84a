"""The audit log: who did what in the console, and when. Rows are only ever added."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from storage.database import Connection


@dataclass(frozen=True)
class Entry:
    at: float
    actor: str
    action: str
    details: dict[str, Any]
    id: int = 0


ADD = text("INSERT INTO audit (at, actor, action, details) VALUES (:at, :actor, :action, :details)")
NEWEST = text("SELECT id, at, actor, action, details FROM audit WHERE id < :before ORDER BY id DESC LIMIT :most")
LAST = 2**63 - 1


def add(connection: Connection, entry: Entry) -> None:
    connection.execute(ADD, vars(entry) | {"details": json.dumps(entry.details, ensure_ascii=False)})


def newest(connection: Connection, *, most: int, before: int = LAST) -> list[Entry]:
    """``before``: the id of the entry that the list goes on after."""
    rows = connection.execute(NEWEST, {"most": most, "before": before})
    return [Entry(row.at, row.actor, row.action, json.loads(row.details), row.id) for row in rows]
