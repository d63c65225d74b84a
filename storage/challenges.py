"""Challenges: what is asked of a browser before its message, and the form that waits for it.

``add_wait`` and ``solve`` are each one atomic step, so that nobody waits twice at once or solves one twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection


@dataclass(frozen=True)
class Challenge:
    """``browser``: the hash of its secret. ``path`` and ``form``: what it sent, to be sent once more. ``ready_at``:
    when a wait instead is over, None where nobody waits."""

    id: str
    browser: str
    effort: int
    path: str
    form: dict[str, str]
    created_at: float
    expires_at: float
    ready_at: float | None = None
    solved_at: float | None = None


ADD = text(
    """INSERT INTO challenges (id, browser, effort, path, form, created_at, expires_at)
    VALUES (:id, :browser, :effort, :path, :form, :created_at, :expires_at)"""
)
FIND = text(
    """SELECT id, browser, effort, path, form, created_at, expires_at, ready_at, solved_at
    FROM challenges WHERE id = :id AND browser = :browser"""
)
SOLVE = text(
    """UPDATE challenges SET solved_at = :now
    WHERE id = :id AND browser = :browser AND solved_at IS NULL AND expires_at > :now"""
)
STAND_IN_LINE = text(
    """INSERT INTO challenge_waits (network, free_at) VALUES (:network, :now + :seconds)
    ON CONFLICT (network) DO UPDATE SET
    free_at = CASE WHEN challenge_waits.free_at > :now THEN challenge_waits.free_at ELSE :now END + :seconds
    WHERE challenge_waits.free_at + :seconds <= :now + :longest RETURNING free_at"""
)
WAIT = text(
    """UPDATE challenges SET ready_at = :ready_at, expires_at = :expires_at
    WHERE id = :id AND browser = :browser AND ready_at IS NULL AND solved_at IS NULL AND expires_at > :now"""
)


def add(connection: Connection, challenge: Challenge) -> None:
    connection.execute(ADD, vars(challenge) | {"form": json.dumps(challenge.form)})


def find(connection: Connection, challenge_id: str, browser: str) -> Challenge | None:
    row = connection.execute(FIND, {"id": challenge_id, "browser": browser}).one_or_none()
    return Challenge(**dict(row._mapping) | {"form": json.loads(row.form)}) if row else None


def solve(connection: Connection, challenge: Challenge, now: float) -> bool:
    """True for one caller only."""
    return connection.execute(SOLVE, {"id": challenge.id, "browser": challenge.browser, "now": now}).rowcount == 1


def stand_in_line(connection: Connection, network: str, now: float, *, seconds: float, longest: float) -> float | None:
    """When a wait of so many ``seconds`` is over, behind those of the same network; None where the line is ``longest``
    already."""
    values = {"network": network, "now": now, "seconds": seconds, "longest": longest}
    found = connection.execute(STAND_IN_LINE, values).scalar_one_or_none()
    return None if found is None else float(found)


def wait(connection: Connection, challenge: Challenge, ready_at: float, expires_at: float, now: float) -> bool:
    """False where it waits already, or is over."""
    values = {"id": challenge.id, "browser": challenge.browser, "now": now}
    return connection.execute(WAIT, values | {"ready_at": ready_at, "expires_at": expires_at}).rowcount == 1
