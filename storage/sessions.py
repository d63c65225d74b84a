"""Sessions: rows, so that each can be seen and ended. Only a token's hash is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import text

from storage.database import Connection


class Audience(StrEnum):
    ACCOUNT = "account"
    CONSOLE = "console"


@dataclass(frozen=True)
class Session:
    """``id`` may be shown; ``token_hash`` is what a browser's token is looked up by."""

    id: str
    token_hash: str
    audience: Audience
    owner_id: str
    created_at: float
    expires_at: float
    address: str
    device: str


COLUMNS = "id, token_hash, audience, owner_id, created_at, expires_at, address, device"
ADD = text(
    f"""INSERT INTO sessions ({COLUMNS})
    VALUES (:id, :token_hash, :audience, :owner_id, :created_at, :expires_at, :address, :device)"""  # noqa: S608
)
ADD_FOR_NUMBER = text(
    f"""INSERT INTO sessions ({COLUMNS})
    SELECT :id, :token_hash, :audience, account_id, :created_at, :expires_at, :address, :device
    FROM identifiers WHERE kind = 'phone' AND value = :number RETURNING owner_id"""  # noqa: S608
)
FIND = text(
    f"SELECT {COLUMNS} FROM sessions WHERE token_hash = :token_hash AND audience = :audience AND expires_at > :now"  # noqa: S608
)
LIST = text(
    f"""SELECT {COLUMNS} FROM sessions WHERE audience = :audience AND owner_id = :owner_id AND expires_at > :now
    ORDER BY created_at DESC"""  # noqa: S608
)
END = text("DELETE FROM sessions WHERE token_hash = :token_hash")
END_ONE = text("DELETE FROM sessions WHERE audience = :audience AND owner_id = :owner_id AND id = :id")
END_OTHERS = text("DELETE FROM sessions WHERE audience = :audience AND owner_id = :owner_id AND id <> :id")
PRUNE = text("DELETE FROM sessions WHERE expires_at < :now")


def add(connection: Connection, session: Session) -> None:
    connection.execute(ADD, vars(session))


def add_for_number(connection: Connection, session: Session, number: str) -> str | None:
    """A session for whichever account the number names (``owner_id`` is not read); its id, or None and no session."""
    return connection.execute(ADD_FOR_NUMBER, vars(session) | {"number": number}).scalar_one_or_none()


def find(connection: Connection, token_hash: str, audience: Audience, now: float) -> Session | None:
    row = connection.execute(FIND, {"token_hash": token_hash, "audience": audience, "now": now}).one_or_none()
    return _session(row._mapping) if row else None


def of_owner(connection: Connection, audience: Audience, owner_id: str, now: float) -> list[Session]:
    rows = connection.execute(LIST, {"audience": audience, "owner_id": owner_id, "now": now})
    return [_session(row._mapping) for row in rows]


def _session(row: Any) -> Session:
    return Session(**(dict(row) | {"audience": Audience(row["audience"])}))


def end(connection: Connection, token_hash: str) -> None:
    connection.execute(END, {"token_hash": token_hash})


def end_one(connection: Connection, audience: Audience, owner_id: str, session_id: str) -> bool:
    """End a session of this owner; false where there is none of this id."""
    parameters = {"audience": audience, "owner_id": owner_id, "id": session_id}
    return connection.execute(END_ONE, parameters).rowcount == 1


def end_others(connection: Connection, audience: Audience, owner_id: str, kept_id: str) -> int:
    parameters = {"audience": audience, "owner_id": owner_id, "id": kept_id}
    return connection.execute(END_OTHERS, parameters).rowcount


def prune(connection: Connection, now: float) -> int:
    return connection.execute(PRUNE, {"now": now}).rowcount
