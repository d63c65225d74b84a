"""Sign-outs that applications are yet to be told of: noted when a session is ended, found later when one just ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Text, TextClause, bindparam, text

from storage.database import Connection


@dataclass(frozen=True)
class LogoutNotice:
    id: str
    client_id: str
    session_id: str
    subject: str
    created_at: float
    attempts: int


GONE = """told_at IS NULL AND NOT EXISTS
    (SELECT 1 FROM sessions s WHERE s.id = grants.session_id AND s.expires_at > :now)"""
ANY_GONE = text(f"SELECT 1 FROM grants WHERE {GONE} LIMIT 1")  # noqa: S608
TELL = text(f"UPDATE grants SET told_at = :now WHERE {GONE} RETURNING client_id, session_id, subject")  # noqa: S608
ADD = text(
    """INSERT INTO logout_notices (id, client_id, session_id, subject, created_at, due_at, attempts)
    VALUES (:id, :client_id, :session_id, :subject, :now, :now, 0)"""
)
# One notice an application and session, whatever number of grants; it has the id of one of them, so that a session that
# is ended twice at once is told of once. It is due at once.
NOTE = """INSERT INTO logout_notices (id, client_id, session_id, subject, created_at, due_at, attempts)
    SELECT min(id), client_id, session_id, subject, 0, 0, 0 FROM grants WHERE {untold}
    GROUP BY client_id, session_id, subject ON CONFLICT (id) DO NOTHING"""
NOTED = "UPDATE grants SET told_at = 0 WHERE {untold}"
UNTOLD = "told_at IS NULL AND session_id IN (SELECT id FROM sessions WHERE {which})"
ANY_DUE = text("SELECT 1 FROM logout_notices WHERE due_at <= :now LIMIT 1")
# One of each client, so that one that is slow holds no other.
# The lease moves the due time on: whoever dies leaves the notice to others.
CLAIM = text(
    """UPDATE logout_notices SET due_at = :now + :lease, attempts = attempts + 1
    WHERE id IN (SELECT min(id) FROM logout_notices WHERE due_at <= :now AND client_id NOT IN :busy
    GROUP BY client_id ORDER BY min(due_at) LIMIT :most) AND due_at <= :now
    RETURNING id, client_id, session_id, subject, created_at, attempts"""
).bindparams(bindparam("busy", expanding=True, type_=Text()))
RETRY = text("UPDATE logout_notices SET due_at = :due_at WHERE id = :id AND attempts = :attempts")
DELETE = text("DELETE FROM logout_notices WHERE id = :id")


def session_ends(connection: Connection, which: str, parameters: dict[str, str]) -> None:
    """``which``: the condition of the sessions that are about to be deleted."""
    for statement in _notes(which):
        connection.execute(statement, parameters)


@lru_cache
def _notes(which: str) -> tuple[TextClause, ...]:
    untold = UNTOLD.format(which=which)
    return tuple(text(statement.format(untold=untold)) for statement in (NOTE, NOTED))


def any_due(connection: Connection, now: float) -> bool:
    return connection.execute(ANY_DUE, {"now": now}).first() is not None


def any_gone(connection: Connection, now: float) -> bool:
    """Looks at every session that an application wants to hear of."""
    return connection.execute(ANY_GONE, {"now": now}).first() is not None


def gone(connection: Connection, now: float) -> set[tuple[str, str, str]]:
    """Client, session and subject of each grant whose session is over; each is found once."""
    return {(row.client_id, row.session_id, row.subject) for row in connection.execute(TELL, {"now": now})}


def add(connection: Connection, notice_id: str, client_id: str, session_id: str, subject: str, now: float) -> None:
    parameters = {"id": notice_id, "client_id": client_id, "session_id": session_id, "subject": subject, "now": now}
    connection.execute(ADD, parameters)


def claim(connection: Connection, now: float, *, lease: float, most: int, busy: set[str]) -> list[LogoutNotice]:
    """One each of so many clients, without those that are ``busy``."""
    rows = connection.execute(CLAIM, {"now": now, "lease": lease, "most": most, "busy": sorted(busy)}).mappings()
    return [LogoutNotice(**row) for row in rows]


def retry(connection: Connection, notice: LogoutNotice, due_at: float) -> None:
    connection.execute(RETRY, {"id": notice.id, "attempts": notice.attempts, "due_at": due_at})


def delete(connection: Connection, notice_id: str) -> None:
    connection.execute(DELETE, {"id": notice_id})
