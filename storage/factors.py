"""Second factors of accounts: authenticator apps, passkeys and backup codes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from storage.database import Connection

TOTP, PASSKEY, BACKUP_CODE = "totp", "passkey", "backup_code"


@dataclass(frozen=True)
class Factor:
    """``secret``: an app's sealed key, a passkey's public key, or the hash of a backup code. ``counter``: the newest
    time step of an app, or the passkey's own counter. ``details``: what else is known of it."""

    id: str
    account_id: str
    kind: str
    name: str
    secret: str = field(repr=False)
    created_at: float
    credential_id: str | None = None
    counter: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    used_at: float | None = None


COLUMNS = "id, account_id, kind, name, credential_id, secret, counter, details, created_at, used_at"
ADD = text(
    f"""INSERT INTO factors ({COLUMNS}) VALUES (:id, :account_id, :kind, :name, :credential_id, :secret, :counter,
    :details, :created_at, :used_at) ON CONFLICT (credential_id) DO NOTHING"""  # noqa: S608 - constants
)
OF_ACCOUNT = text(f"SELECT {COLUMNS} FROM factors WHERE account_id = :account_id ORDER BY created_at, id")  # noqa: S608
BY_CREDENTIAL = text(
    f"SELECT {COLUMNS} FROM factors WHERE kind = 'passkey' AND credential_id = :credential_id"  # noqa: S608
)
USE_STEP = text("UPDATE factors SET counter = :step, used_at = :now WHERE id = :id AND counter < :step")
USED = text("UPDATE factors SET counter = :counter, used_at = :now WHERE id = :id")
TAKE_CODE = text("DELETE FROM factors WHERE account_id = :account_id AND kind = 'backup_code' AND secret = :secret")
RENAME = text("UPDATE factors SET name = :name WHERE account_id = :account_id AND id = :id AND kind <> 'backup_code'")
REMOVE = text("DELETE FROM factors WHERE account_id = :account_id AND id = :id AND kind <> 'backup_code'")
REMOVE_KIND = text("DELETE FROM factors WHERE account_id = :account_id AND kind = :kind")


def add(connection: Connection, factor: Factor) -> bool:
    """False where the passkey is somebody's already."""
    return connection.execute(ADD, vars(factor) | {"details": json.dumps(factor.details)}).rowcount == 1


def of_account(connection: Connection, account_id: str, kind: str = "") -> list[Factor]:
    """The oldest first; of one kind, where it is given."""
    found = [_factor(row._mapping) for row in connection.execute(OF_ACCOUNT, {"account_id": account_id})]
    return [factor for factor in found if kind in ("", factor.kind)]


def by_credential(connection: Connection, credential_id: str) -> Factor | None:
    row = connection.execute(BY_CREDENTIAL, {"credential_id": credential_id}).one_or_none()
    return _factor(row._mapping) if row else None


def _factor(row: Any) -> Factor:
    return Factor(**(dict(row) | {"details": json.loads(row["details"])}))


def use_step(connection: Connection, factor_id: str, step: int, now: float) -> bool:
    """An app's code of this time step is accepted: once, and none of an earlier step after it."""
    return connection.execute(USE_STEP, {"id": factor_id, "step": step, "now": now}).rowcount == 1


def used(connection: Connection, factor_id: str, counter: int, now: float) -> bool:
    """A passkey was shown. False where it has just been removed."""
    return connection.execute(USED, {"id": factor_id, "counter": counter, "now": now}).rowcount == 1


def take_code(connection: Connection, account_id: str, secret: str) -> bool:
    """Spend a backup code: true for one caller only."""
    return connection.execute(TAKE_CODE, {"account_id": account_id, "secret": secret}).rowcount == 1


def rename(connection: Connection, account_id: str, factor_id: str, name: str) -> bool:
    return connection.execute(RENAME, {"account_id": account_id, "id": factor_id, "name": name}).rowcount == 1


def remove(connection: Connection, account_id: str, factor_id: str) -> bool:
    return connection.execute(REMOVE, {"account_id": account_id, "id": factor_id}).rowcount == 1


def remove_kind(connection: Connection, account_id: str, kind: str) -> int:
    return connection.execute(REMOVE_KIND, {"account_id": account_id, "kind": kind}).rowcount
