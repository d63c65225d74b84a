"""Applications ("clients"), and the hashes of their secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import RowMapping, Text, bindparam, text

from settings.clients import GATE, ClientKind, ClientSettings, read_client, write_client
from storage.database import Connection

log = logging.getLogger("doorcode.clients")

SECRETS = 2  # at a time


@dataclass(frozen=True)
class Client:
    """``secrets``: hash and birth of each, the newest first."""

    id: str
    kind: ClientKind
    settings: ClientSettings
    created_at: float
    secrets: tuple[tuple[str, float], ...] = ()

    @property
    def public(self) -> bool:
        """Whether it cannot keep a secret."""
        return self.kind in (ClientKind.SPA, ClientKind.NATIVE)

    @property
    def redirect_uris(self) -> tuple[str, ...]:
        """Where its people come back to."""
        if self.kind is ClientKind.PROXY:
            return tuple(f"{origin}{GATE}/callback" for origin in self.settings.protected_origins)
        return self.settings.redirect_uris


ADD = text(
    "INSERT INTO clients (id, kind, name, settings, created_at) VALUES (:id, :kind, :name, :settings, :created_at)"
)
SAVE = text("UPDATE clients SET name = :name, settings = :settings WHERE id = :id")
DELETE = text("DELETE FROM clients WHERE id = :id")
FIND = """SELECT c.id, c.kind, c.settings, c.created_at, s.hash, s.created_at AS secret_at
    FROM clients c LEFT JOIN client_secrets s ON s.client_id = c.id {which} ORDER BY {order}, s.created_at DESC"""
FIND_ONE = text(FIND.format(which="WHERE c.id = :id", order="c.id"))
FIND_MANY = text(FIND.format(which="WHERE c.id IN :ids", order="c.id")).bindparams(
    bindparam("ids", expanding=True, type_=Text())
)
LIST = text(FIND.format(which="", order="lower(c.name), c.id"))
ADD_SECRET = text("INSERT INTO client_secrets (hash, client_id, created_at) VALUES (:hash, :id, :now)")
KEEP_NEWEST = text(
    """DELETE FROM client_secrets WHERE client_id = :id AND hash NOT IN
    (SELECT hash FROM client_secrets WHERE client_id = :id ORDER BY created_at DESC LIMIT :most)"""
)
PROTECT = text(
    "INSERT INTO protected_origins (origin, client_id) VALUES (:origin, :id) ON CONFLICT (origin) DO NOTHING"
)
UNPROTECT = text("DELETE FROM protected_origins WHERE client_id = :id")
PROTECTED = text("SELECT client_id FROM protected_origins WHERE origin = :origin")
FORGET_SECRETS = text("DELETE FROM client_secrets WHERE client_id = :id AND hash <> :kept")


def add(connection: Connection, client: Client) -> None:
    connection.execute(ADD, _row(client) | {"kind": client.kind, "created_at": client.created_at})


def save(connection: Connection, client: Client) -> bool:
    return connection.execute(SAVE, _row(client)).rowcount == 1


def _row(client: Client) -> dict[str, object]:
    settings = json.dumps(write_client(client.settings), ensure_ascii=False)
    return {"id": client.id, "name": client.settings.name, "settings": settings}


def delete(connection: Connection, client_id: str) -> bool:
    """With it goes all that was granted to it."""
    return connection.execute(DELETE, {"id": client_id}).rowcount == 1


def find(connection: Connection, client_id: str) -> Client | None:
    found = _read(connection.execute(FIND_ONE, {"id": client_id}).mappings().all())
    return found[0] if found else None


def find_many(connection: Connection, client_ids: Iterable[str]) -> list[Client]:
    return _read(connection.execute(FIND_MANY, {"ids": list(client_ids)}).mappings().all())


def list_all(connection: Connection) -> list[Client]:
    return _read(connection.execute(LIST).mappings().all())


def _read(rows: Iterable[RowMapping]) -> list[Client]:
    found: dict[str, Client] = {}
    for row in rows:
        before = found.get(row["id"])
        secrets = ((row["hash"], row["secret_at"]),) if row["hash"] else ()
        settings = before.settings if before else _settings(row["id"], row["settings"])
        client = Client(
            row["id"],
            ClientKind(row["kind"]),
            settings,
            row["created_at"],
            (before.secrets if before else ()) + secrets,
        )
        found[row["id"]] = client
    return list(found.values())


def _settings(client_id: str, stored: str) -> ClientSettings:
    """What an older version saved and this one refuses gets its default, and the log says so."""
    values = json.loads(stored)
    settings, problems = read_client(values)
    if settings is None:
        log.error("application %s: unreadable settings: %s", client_id, ", ".join(sorted(problems)))
        settings, _problems = read_client({name: value for name, value in values.items() if name not in problems})
    return settings or ClientSettings()


def add_secret(connection: Connection, client_id: str, secret_hash: str, now: float) -> None:
    """The oldest goes where there would be more than two."""
    connection.execute(ADD_SECRET, {"id": client_id, "hash": secret_hash, "now": now})
    connection.execute(KEEP_NEWEST, {"id": client_id, "most": SECRETS})


def forget_other_secrets(connection: Connection, client_id: str, kept_hash: str) -> int:
    return connection.execute(FORGET_SECRETS, {"id": client_id, "kept": kept_hash}).rowcount


def protect(connection: Connection, client: Client) -> str:
    """The addresses of a client are its own from now on. Empty, or one that belongs to another client already."""
    connection.execute(UNPROTECT, {"id": client.id})
    for origin in client.settings.protected_origins:
        if connection.execute(PROTECT, {"origin": origin, "id": client.id}).rowcount != 1:
            return origin
    return ""


def protecting(connection: Connection, origin: str) -> Client | None:
    """The client that protects the address."""
    client_id = connection.scalar(PROTECTED, {"origin": origin})
    return find(connection, client_id) if client_id else None
