"""Authorization requests that wait: for a person to sign in, or pushed by an application ahead of its person."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection

PUSHED = ""  # the browser of a request that no browser has brought yet


@dataclass(frozen=True)
class WaitingRequest:
    """``browser``: the hash of the secret of the browser that it belongs to."""

    id: str
    client_id: str
    browser: str
    parameters: dict[str, str]
    created_at: float
    expires_at: float


ADD = text(
    """INSERT INTO authorization_requests (id, client_id, browser, parameters, created_at, expires_at)
    VALUES (:id, :client_id, :browser, :parameters, :created_at, :expires_at)"""
)
COLUMNS = "id, client_id, browser, parameters, created_at, expires_at"
FIND = text(
    f"""SELECT {COLUMNS} FROM authorization_requests
    WHERE id = :id AND browser = :browser AND used_at IS NULL AND expires_at > :now"""  # noqa: S608
)
CLIENT_OF = text("SELECT client_id FROM authorization_requests WHERE id = :id AND browser = :browser")
USE = text(
    """UPDATE authorization_requests SET used_at = :now
    WHERE id = :id AND browser = :browser AND used_at IS NULL AND expires_at > :now"""
)
REPLACE = text(
    """UPDATE authorization_requests SET parameters = :parameters
    WHERE id = :id AND browser = :browser AND used_at IS NULL"""
)
TAKE_PUSHED = text(
    f"""UPDATE authorization_requests SET used_at = :now
    WHERE id = :id AND client_id = :client_id AND browser = '' AND used_at IS NULL AND expires_at > :now
    RETURNING {COLUMNS}"""  # noqa: S608
)


def add(connection: Connection, request: WaitingRequest) -> None:
    connection.execute(ADD, vars(request) | {"parameters": json.dumps(request.parameters, ensure_ascii=False)})


def find(connection: Connection, request_id: str, browser: str, now: float) -> WaitingRequest | None:
    row = connection.execute(FIND, {"id": request_id, "browser": browser, "now": now}).mappings().one_or_none()
    return WaitingRequest(**dict(row) | {"parameters": json.loads(row["parameters"])}) if row else None


def client_of(connection: Connection, request_id: str, browser: str) -> str | None:
    """Also of a request that was answered or is over."""
    found: str | None = connection.scalar(CLIENT_OF, {"id": request_id, "browser": browser})
    return found


def replace_parameters(connection: Connection, request_id: str, browser: str, parameters: dict[str, str]) -> None:
    """The person has chosen what the application left open."""
    values = {"id": request_id, "browser": browser, "parameters": json.dumps(parameters, ensure_ascii=False)}
    connection.execute(REPLACE, values)


def use(connection: Connection, request_id: str, browser: str, now: float) -> bool:
    """It is answered: true for one caller only."""
    return connection.execute(USE, {"id": request_id, "browser": browser, "now": now}).rowcount == 1


def take_pushed(connection: Connection, request_id: str, client_id: str, now: float) -> dict[str, str] | None:
    """The parameters that the application pushed, once."""
    row = connection.execute(TAKE_PUSHED, {"id": request_id, "client_id": client_id, "now": now}).one_or_none()
    return dict(json.loads(row.parameters)) if row else None
