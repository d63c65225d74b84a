"""Alarms: what admins are told of once, however many processes notice it, and for as long as it goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from storage.database import Connection


@dataclass(frozen=True)
class RaisedAlarm:
    """``first_at``, ``last_at``: since when it is so, and when it was seen last."""

    kind: str
    about: str
    first_at: float
    last_at: float
    details: dict[str, Any]


RAISE = text(
    """INSERT INTO alarms (kind, about, first_at, last_at, details) VALUES (:kind, :about, :now, :now, :details)
    ON CONFLICT (kind, about) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at,
    details = excluded.details WHERE alarms.last_at < :quiet_since"""
)
GOES_ON = text("UPDATE alarms SET last_at = :now, details = :details WHERE kind = :kind AND about = :about")
SINCE = text(
    """SELECT kind, about, first_at, last_at, details FROM alarms WHERE last_at >= :since
    ORDER BY last_at DESC, kind, about LIMIT :most"""
)


def note(
    connection: Connection, kind: str, about: str, details: Mapping[str, Any], now: float, *, quiet: float
) -> bool:
    """Write down that it is so. True for one caller only, who has to tell it: for ``quiet`` seconds it was not."""
    values = {"kind": kind, "about": about, "now": now, "details": json.dumps(details)}
    if connection.execute(RAISE, values | {"quiet_since": now - quiet}).rowcount == 1:
        return True
    connection.execute(GOES_ON, values)
    return False


def since(connection: Connection, moment: float, *, most: int = 50) -> list[RaisedAlarm]:
    """Those that were seen after a moment, the newest first."""
    rows = connection.execute(SINCE, {"since": moment, "most": most})
    return [RaisedAlarm(**{**row._mapping, "details": json.loads(row.details)}) for row in rows]
