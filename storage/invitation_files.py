"""Files of people to invite: a row a line, worked off by one worker at a time, who holds the file for a lease."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection

WAITING, INVITED, REFUSED = "waiting", "invited", "refused"


@dataclass(frozen=True)
class InvitationFile:
    id: str
    organization_id: str
    invited_by: str
    created_at: float
    stopped_at: float | None = None


@dataclass(frozen=True)
class Line:
    """``line``: its number in the file; ``reason``: why it was refused, "" where it was not."""

    line: int
    kind: str
    address: str
    country: str
    locale: str
    roles: str
    state: str = WAITING
    reason: str = ""


@dataclass(frozen=True)
class Progress:
    """How many lines are in each state. ``next_at``: when the next one is due, None where none is waiting."""

    file: InvitationFile
    waiting: int
    invited: int
    refused: int
    next_at: float | None

    @property
    def lines(self) -> int:
        return self.waiting + self.invited + self.refused


OF_FILE = "id, organization_id, invited_by, created_at, stopped_at"
ADD = text(
    """INSERT INTO invitation_files (id, organization_id, invited_by, created_at, leased_until)
    VALUES (:id, :organization_id, :invited_by, :created_at, 0)"""
)
ADD_LINE = text(
    """INSERT INTO invitation_lines (file_id, line, kind, address, country, locale, roles, state, reason, due_at)
    VALUES (:file_id, :line, :kind, :address, :country, :locale, :roles, :state, :reason, 0)"""
)
DUE = """leased_until <= :now AND stopped_at IS NULL AND EXISTS (SELECT 1 FROM invitation_lines l
    WHERE l.file_id = f.id AND l.state = 'waiting' AND l.due_at <= :now)"""
ANY_DUE = text(f"SELECT 1 FROM invitation_files f WHERE {DUE} LIMIT 1")  # noqa: S608
LEASE = text(
    f"""UPDATE invitation_files SET leased_until = :until WHERE leased_until <= :now AND id =
    (SELECT f.id FROM invitation_files f WHERE {DUE} ORDER BY f.created_at LIMIT 1) RETURNING {OF_FILE}"""  # noqa: S608
)
REST = text("UPDATE invitation_files SET leased_until = :until WHERE id = :id")
STOP = text(
    "UPDATE invitation_files SET stopped_at = :now WHERE id = :id AND organization_id = :organization_id"
    " AND stopped_at IS NULL"
)
LINES = text(
    """SELECT line, kind, address, country, locale, roles, state, reason FROM invitation_lines
    WHERE file_id = :id AND state = 'waiting' AND due_at <= :now ORDER BY line LIMIT :most"""
)
REFUSED_LINES = text(
    """SELECT line, kind, address, country, locale, roles, state, reason FROM invitation_lines
    WHERE file_id = :id AND state = 'refused' ORDER BY line LIMIT :most"""
)
# With the invitation itself in one transaction: a line is invited once, however often it is taken up.
TAKE = text(
    """UPDATE invitation_lines SET state = 'invited' WHERE file_id = :id AND line = :line AND state = 'waiting'
    AND NOT EXISTS (SELECT 1 FROM invitation_files f WHERE f.id = :id AND f.stopped_at IS NOT NULL)"""
)
REFUSE = text(
    """UPDATE invitation_lines SET state = 'refused', reason = :reason
    WHERE file_id = :id AND line = :line AND state = 'waiting'"""
)
WAIT = text("UPDATE invitation_lines SET due_at = :due_at, reason = :reason WHERE file_id = :id AND line = :line")
PROGRESS = text(
    f"""SELECT {OF_FILE}, count(l.line) FILTER (WHERE l.state = 'waiting') AS waiting,
    count(l.line) FILTER (WHERE l.state = 'invited') AS invited,
    count(l.line) FILTER (WHERE l.state = 'refused') AS refused,
    min(l.due_at) FILTER (WHERE l.state = 'waiting') AS next_at
    FROM invitation_files f LEFT JOIN invitation_lines l ON l.file_id = f.id
    WHERE f.organization_id = :organization_id GROUP BY {OF_FILE} ORDER BY f.created_at DESC"""  # noqa: S608
)


def add(connection: Connection, file: InvitationFile, lines: Sequence[Line]) -> None:
    connection.execute(ADD, vars(file))
    connection.execute(ADD_LINE, [vars(line) | {"file_id": file.id} for line in lines])


def any_due(connection: Connection, now: float) -> bool:
    return connection.execute(ANY_DUE, {"now": now}).first() is not None


def lease(connection: Connection, now: float, until: float) -> InvitationFile | None:
    """A file with lines that are due, for this worker alone until then."""
    row = connection.execute(LEASE, {"now": now, "until": until}).one_or_none()
    return InvitationFile(**row._mapping) if row else None


def rest(connection: Connection, file_id: str, until: float) -> None:
    """Nobody takes it up before ``until``."""
    connection.execute(REST, {"id": file_id, "until": until})


def stop(connection: Connection, organization_id: str, file_id: str, now: float) -> bool:
    """What waits is not invited any more."""
    values = {"id": file_id, "organization_id": organization_id, "now": now}
    return connection.execute(STOP, values).rowcount == 1


def due(connection: Connection, file_id: str, now: float, *, most: int) -> list[Line]:
    values = {"id": file_id, "now": now, "most": most}
    return [Line(**row._mapping) for row in connection.execute(LINES, values)]


def take(connection: Connection, file_id: str, line: int) -> bool:
    """True for one caller only, and only while the file goes on."""
    return connection.execute(TAKE, {"id": file_id, "line": line}).rowcount == 1


def refuse(connection: Connection, file_id: str, line: int, reason: str) -> None:
    connection.execute(REFUSE, {"id": file_id, "line": line, "reason": reason})


def wait(connection: Connection, file_id: str, line: int, reason: str, due_at: float) -> None:
    connection.execute(WAIT, {"id": file_id, "line": line, "reason": reason, "due_at": due_at})


def progress(connection: Connection, organization_id: str) -> list[Progress]:
    """Of each file of the organisation, the newest first."""
    found = []
    for row in connection.execute(PROGRESS, {"organization_id": organization_id}):
        file = InvitationFile(row.id, row.organization_id, row.invited_by, row.created_at, row.stopped_at)
        found.append(Progress(file, row.waiting, row.invited, row.refused, row.next_at))
    return found


def refused_lines(connection: Connection, file_id: str, *, most: int) -> list[Line]:
    return [Line(**row._mapping) for row in connection.execute(REFUSED_LINES, {"id": file_id, "most": most})]
