"""Sessions: rows, so that each can be seen and ended. Only a token's hash is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text

from storage import logout_notices
from storage.database import Connection, rows_of


class Audience(StrEnum):
    ACCOUNT = "account"
    CONSOLE = "console"
    VERIFICATION = "verification"  # opens nothing: a program's fresh proof of its person (flows/acting.py)


@dataclass(frozen=True)
class Session:
    """``id`` may be shown; ``token_hash`` is what a browser's token is looked up by.

    ``proofs``: how it began, as JSON (rules/proofs.py); ``proved_at``: the newest proof that it is still the same
    person; ``pending``: its account still lacks something that is required.
    """

    id: str
    token_hash: str
    audience: Audience
    owner_id: str
    created_at: float
    expires_at: float
    address: str
    device: str
    proofs: str = "[]"
    proved_at: float | None = None
    pending: bool = False


COLUMNS = "id, token_hash, audience, owner_id, created_at, expires_at, address, device, proofs, proved_at, pending"
ADD = text(
    f"""INSERT INTO sessions ({COLUMNS})
    VALUES (:id, :token_hash, :audience, :owner_id, :created_at, :expires_at, :address, :device,
    :proofs, :proved_at, :pending)"""  # noqa: S608
)
FIND = rows_of(
    f"SELECT {COLUMNS} FROM sessions WHERE token_hash = :token_hash AND audience = :audience AND expires_at > :now",  # noqa: S608
    COLUMNS.split(", "),
)
LIST = text(
    f"""SELECT {COLUMNS} FROM sessions WHERE audience = :audience AND owner_id = :owner_id AND expires_at > :now
    ORDER BY created_at DESC"""  # noqa: S608
)
ONE = "audience = :audience AND owner_id = :owner_id AND id = :id"
OTHERS = "audience = :audience AND owner_id = :owner_id AND id <> :id"
ALL = "audience = :audience AND owner_id = :owner_id"
PROVED = text("UPDATE sessions SET proved_at = :now, proofs = :proofs WHERE id = :id")
END_PROOFS = text(
    "UPDATE sessions SET proved_at = NULL WHERE audience = 'account' AND owner_id = :owner_id AND id <> :id"
)
COMPLETE = text("UPDATE sessions SET pending = :pending WHERE id = :id")


def add(connection: Connection, session: Session) -> None:
    connection.execute(ADD, vars(session))


def find(connection: Connection, token_hash: str, audience: Audience, now: float) -> Session | None:
    row = connection.execute(FIND, {"token_hash": token_hash, "audience": audience, "now": now}).one_or_none()
    return _session(row._mapping) if row else None


def of_owner(connection: Connection, audience: Audience, owner_id: str, now: float) -> list[Session]:
    rows = connection.execute(LIST, {"audience": audience, "owner_id": owner_id, "now": now})
    return [_session(row._mapping) for row in rows]


def _session(row: Any) -> Session:
    return Session(**(dict(row) | {"audience": Audience(row["audience"]), "pending": bool(row["pending"])}))


def _end(connection: Connection, which: str, parameters: dict[str, str]) -> int:
    """Applications that want to hear of a session's end do so in the same breath: to look for it later takes long."""
    logout_notices.session_ends(connection, which, parameters)
    return connection.execute(_delete(which), parameters).rowcount


@lru_cache
def _delete(which: str) -> TextClause:
    return text(f"DELETE FROM sessions WHERE {which}")  # noqa: S608 - one of our own


def end(connection: Connection, token_hash: str) -> None:
    _end(connection, "token_hash = :token_hash", {"token_hash": token_hash})


def end_one(connection: Connection, audience: Audience, owner_id: str, session_id: str) -> bool:
    """End a session of this owner; false where there is none of this id."""
    return _end(connection, ONE, {"audience": audience, "owner_id": owner_id, "id": session_id}) == 1


def end_others(connection: Connection, audience: Audience, owner_id: str, kept_id: str) -> int:
    return _end(connection, OTHERS, {"audience": audience, "owner_id": owner_id, "id": kept_id})


def end_all(connection: Connection, audience: Audience, owner_id: str) -> int:
    return _end(connection, ALL, {"audience": audience, "owner_id": owner_id})


def proved(connection: Connection, session_id: str, proofs: str, now: float) -> None:
    """The person has shown again that it is them."""
    connection.execute(PROVED, {"id": session_id, "proofs": proofs, "now": now})


def end_proofs(connection: Connection, owner_id: str, kept_id: str) -> None:
    """Whoever is in shows once more that it is them before anything sensitive, but in the session that is kept; and
    what programs hold of such proofs is gone."""
    connection.execute(END_PROOFS, {"owner_id": owner_id, "id": kept_id})
    end_all(connection, Audience.VERIFICATION, owner_id)


def set_pending(connection: Connection, session_id: str, pending: bool) -> None:
    connection.execute(COMPLETE, {"id": session_id, "pending": pending})
