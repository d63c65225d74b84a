"""Passes: what the cookie of a browser stands for at an address that a proxy protects. Each is for one address."""

from __future__ import annotations

from sqlalchemy import text

from storage.database import Connection

ADD = text("INSERT INTO gate_passes (hash, grant_id, origin, created_at) VALUES (:hash, :grant_id, :origin, :now)")
# The address must still be protected for the application that the pass was given for.
FIND = text(
    """SELECT p.grant_id FROM gate_passes p JOIN grants g ON g.id = p.grant_id
    JOIN protected_origins o ON o.origin = p.origin AND o.client_id = g.client_id
    WHERE p.hash = :hash AND p.origin = :origin"""
)


def add(connection: Connection, pass_hash: str, grant_id: str, origin: str, now: float) -> None:
    connection.execute(ADD, {"hash": pass_hash, "grant_id": grant_id, "origin": origin, "now": now})


def grant_of(connection: Connection, pass_hash: str, origin: str) -> str | None:
    """The grant of a pass for this address. Whether it is still good, the grant tells. It goes with its grant."""
    found: str | None = connection.scalar(FIND, {"hash": pass_hash, "origin": origin})
    return found
