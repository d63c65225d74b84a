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


ADD = text("INSERT INTO audit (at, actor, action, details) VALUES (:at, :actor, :action, :details)")
NEWEST = text("SELECT at, actor, action, details FROM audit ORDER BY id DESC LIMIT :most")


def add(connection: Connection, entry: Entry) -> None:
    connection.execute(ADD, vars(entry) | {"details": json.dumps(entry.details, ensure_ascii=False)})


def newest(connection: Connection, *, most: int) -> list[Entry]:
    rows = connection.execute(NEWEST, {"most": most})
    return [Entry(row.at, row.actor, row.action, json.loads(row.details)) for row in rows]
