"""What happened to an account, for its owner to see: signed in, number added, password changed.

Other systems hear of it by the same call: storage/webhook_events.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from storage import webhook_events
from storage.database import Connection


@dataclass(frozen=True)
class Event:
    """``details``: what the words of its kind need; numbers in it are masked."""

    at: float
    kind: str
    address: str
    device: str
    details: dict[str, Any]
    id: int = 0


ADD = text(
    """INSERT INTO events (account_id, at, kind, address, device, details)
    VALUES (:account_id, :at, :kind, :address, :device, :details)"""
)
NEWEST = text(
    """SELECT at, kind, address, device, details, id FROM events WHERE account_id = :account_id
    ORDER BY at DESC, id DESC LIMIT :most"""
)
OLDER = text(
    """SELECT at, kind, address, device, details, id FROM events WHERE account_id = :account_id
    AND (at, id) < (:at, :id) ORDER BY at DESC, id DESC LIMIT :most"""
)


def add(
    connection: Connection,
    account_id: str,
    kind: str,
    address: str,
    device: str,
    at: float,
    *,
    value: str = "",
    heard: bool = True,
    **details: Any,
) -> None:
    """``value``: the number or e-mail address that it is about. Kept for those webhooks only that ask for it.
    ``heard``: false where it is known that there is no webhook."""
    values = {"account_id": account_id, "kind": kind, "address": address, "device": device, "at": at}
    connection.execute(ADD, values | {"details": json.dumps(details)})
    if heard:
        webhook_events.of_account(connection, account_id, kind, at, details, value)


def newest(
    connection: Connection, account_id: str, *, most: int, before: tuple[float, int] | None = None
) -> list[Event]:
    """``before``: time and id of the event that the list goes on after."""
    values = {"account_id": account_id, "most": most}
    if before:
        rows = connection.execute(OLDER, values | {"at": before[0], "id": before[1]})
    else:
        rows = connection.execute(NEWEST, values)
    return [Event(**(dict(row._mapping) | {"details": json.loads(row.details)})) for row in rows]
