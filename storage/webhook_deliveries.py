"""Events on their way to endpoints: claimed one at a time, those of an account in their order.

A later event of an account waits until the earlier ones are delivered or given up. Whoever claims one has it for as
long as a lease; it stays "waiting" meanwhile, so that the later ones wait for it too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from storage.database import Connection

LEASE_SECONDS = 30  # longer than any call


@dataclass(frozen=True)
class Delivery:
    """``attempts`` counts this one. ``begun_at``: the first attempt, or the first since it was sent again by hand."""

    id: int
    event_id: str
    endpoint_id: str
    type: str
    account_id: str | None
    at: float
    data: dict[str, Any]
    state: str
    due_at: float
    attempts: int
    begun_at: float | None
    called_at: float | None
    took: float | None
    status: int | None
    answer: str | None


@dataclass(frozen=True)
class Ending:
    """How an attempt ended. ``state``: delivered, given_up, or waiting until ``due_at``."""

    state: str
    called_at: float
    took: float
    status: int | None
    answer: str
    due_at: float = 0


COLUMNS = """id, event_id, endpoint_id, type, account_id, at, data, state, due_at, attempts, begun_at, called_at, took,
    status, answer"""
# Written so that no planner can do anything but walk the indexes, also where a table that has just filled up is still
# taken for an empty one: scalar subqueries stay where they are, and EXISTS would become a join.
DUE = text(
    """SELECT e.id, e.failing_since FROM webhook_endpoints e WHERE e.off_at IS NULL AND (SELECT 1
    FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.state = 'waiting' AND d.due_at <= :now LIMIT 1) = 1"""
)
# Whether it hears at all is looked at in the same breath: it may just have said that it is gone.
CLAIM = f"""UPDATE webhook_deliveries SET attempts = attempts + 1, due_at = :lease, begun_at = COALESCE(begun_at, :now)
    WHERE id = (SELECT d.id FROM webhook_deliveries d
        WHERE d.endpoint_id = :endpoint_id AND d.state = 'waiting' AND d.due_at <= :now
        AND (SELECT e.off_at FROM webhook_endpoints e WHERE e.id = :endpoint_id) IS NULL
        AND (d.account_id IS NULL OR d.id = (SELECT f.id FROM webhook_deliveries f
            WHERE f.endpoint_id = d.endpoint_id AND f.account_id = d.account_id AND f.state = 'waiting'
            ORDER BY f.id LIMIT 1))
        ORDER BY d.due_at, d.id LIMIT 1 {{lock}})
    AND state = 'waiting' AND due_at <= :now RETURNING {COLUMNS}"""  # noqa: S608 - constants
CLAIM_SQLITE = text(CLAIM.format(lock=""))
CLAIM_POSTGRESQL = text(CLAIM.format(lock="FOR UPDATE SKIP LOCKED"))
FINISH = text(
    """UPDATE webhook_deliveries SET state = :state, due_at = :due_at, called_at = :called_at, took = :took,
    status = :status, answer = :answer WHERE id = :id AND attempts = :attempts AND state = 'waiting'"""
)
# So that nobody looks at those behind it before its own time has come.
HOLD_LATER_ONES = text(
    """UPDATE webhook_deliveries SET due_at = :due_at WHERE endpoint_id = :endpoint_id AND account_id = :account_id
    AND state = 'waiting' AND id > :id AND due_at < :due_at"""
)
LIST = text(
    f"""SELECT {COLUMNS} FROM webhook_deliveries WHERE endpoint_id = :endpoint_id AND id < :before
    ORDER BY id DESC LIMIT :most"""  # noqa: S608
)
FIND = text(f"SELECT {COLUMNS} FROM webhook_deliveries WHERE id = :id")  # noqa: S608
AGAIN = text(
    """UPDATE webhook_deliveries SET state = 'waiting', due_at = :now, begun_at = NULL
    WHERE id = :id AND state <> 'waiting'"""
)


def due(connection: Connection, now: float) -> dict[str, bool]:
    """The endpoints that something is due for, and whether each fails at present."""
    return {row.id: row.failing_since is not None for row in connection.execute(DUE, {"now": now})}


def claim(connection: Connection, endpoint_id: str, now: float) -> Delivery | None:
    """The endpoint's next one, for as long as a lease."""
    statement = CLAIM_SQLITE if connection.dialect.name == "sqlite" else CLAIM_POSTGRESQL
    row = connection.execute(
        statement, {"endpoint_id": endpoint_id, "now": now, "lease": now + LEASE_SECONDS}
    ).one_or_none()
    return _delivery(row) if row else None


def finish(connection: Connection, delivery: Delivery, ending: Ending) -> bool:
    """Write an attempt's end. False where somebody else has taken it since: nothing is changed then."""
    values = vars(ending) | {
        "id": delivery.id,
        "attempts": delivery.attempts,
        "endpoint_id": delivery.endpoint_id,
        "account_id": delivery.account_id,
    }
    if connection.execute(FINISH, values).rowcount == 0:
        return False
    if ending.state == "waiting" and delivery.account_id:
        connection.execute(HOLD_LATER_ONES, values)
    return True


def newest(connection: Connection, endpoint_id: str, *, before: int, most: int) -> list[Delivery]:
    values = {"endpoint_id": endpoint_id, "before": before, "most": most}
    return [_delivery(row) for row in connection.execute(LIST, values)]


def find(connection: Connection, delivery_id: int) -> Delivery | None:
    row = connection.execute(FIND, {"id": delivery_id}).one_or_none()
    return _delivery(row) if row else None


def _delivery(row: Row[Any]) -> Delivery:
    values = dict(row._mapping)
    return Delivery(**values | {"data": json.loads(values["data"])})


def send_again(connection: Connection, delivery_id: int, now: float) -> bool:
    """As if it were new, with the same id. False where it waits already."""
    return connection.execute(AGAIN, {"id": delivery_id, "now": now}).rowcount == 1
