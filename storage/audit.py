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


@dataclass(frozen=True)
class Filters:
    """``area``: the first word of an action; ``about``: what the details hold; ``before``: an entry's id.

    ``since`` and ``until`` are seconds since 1970; "" and 0 ask for nothing.
    """

    actor: str = ""
    area: str = ""
    about: str = ""
    since: float = 0
    until: float = 1e18
    before: int = 2**62


ADD = text("INSERT INTO audit (at, actor, action, details) VALUES (:at, :actor, :action, :details)")
FIND = text(
    """SELECT id, at, actor, action, details FROM audit
    WHERE id < :before AND at >= :since AND at < :until AND (:actor = '' OR lower(actor) = lower(:actor))
    AND action LIKE :action AND details LIKE :about ESCAPE '!' ORDER BY id DESC LIMIT :most"""
)


def add(connection: Connection, entry: Entry) -> None:
    values = {"at": entry.at, "actor": entry.actor, "action": entry.action}
    connection.execute(ADD, values | {"details": json.dumps(entry.details, ensure_ascii=False)})


def find(connection: Connection, wanted: Filters, *, most: int) -> list[Entry]:
    """The newest first."""
    about = wanted.about.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    action = f"{wanted.area}.%" if wanted.area else "%"
    parameters = vars(wanted) | {"about": f"%{about}%", "action": action, "most": most}
    rows = connection.execute(FIND, parameters)
    return [Entry(row.at, row.actor, row.action, json.loads(row.details), row.id) for row in rows]
