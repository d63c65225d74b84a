"""Device codes (RFC 8628): a device without a browser waits while its person allows it on another."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import text

from storage.database import Connection


@dataclass(frozen=True)
class DeviceCode:
    """``state``: waiting, allowed, denied or used."""

    hash: str = field(repr=False)
    user_code: str
    client_id: str
    scope: str
    created_at: float
    expires_at: float
    polled_at: float
    interval: int
    state: str = "waiting"
    grant_id: str | None = None


COLUMNS = "hash, user_code, client_id, scope, created_at, expires_at, polled_at, interval, state, grant_id"
ADD = text(
    f"""INSERT INTO device_codes ({COLUMNS}) VALUES (:hash, :user_code, :client_id, :scope, :created_at, :expires_at,
    :polled_at, :interval, :state, :grant_id) ON CONFLICT (user_code) DO NOTHING"""  # noqa: S608
)
BY_HASH = text(f"SELECT {COLUMNS} FROM device_codes WHERE hash = :hash")  # noqa: S608
BY_USER_CODE = text(
    f"SELECT {COLUMNS} FROM device_codes WHERE user_code = :user_code AND state = 'waiting' AND expires_at > :now"  # noqa: S608
)
POLL = text("UPDATE device_codes SET polled_at = :now WHERE hash = :hash AND polled_at + interval <= :now")
SLOW_DOWN = text("UPDATE device_codes SET interval = interval + 5, polled_at = :now WHERE hash = :hash")
DECIDE = text(
    """UPDATE device_codes SET state = :state, grant_id = :grant_id
    WHERE hash = :hash AND state = 'waiting' AND expires_at > :now"""
)
USE = text("UPDATE device_codes SET state = 'used' WHERE hash = :hash AND state = 'allowed' AND expires_at > :now")


def add(connection: Connection, code: DeviceCode) -> bool:
    """False where another device has the same user code."""
    return connection.execute(ADD, vars(code)).rowcount == 1


def by_hash(connection: Connection, code_hash: str) -> DeviceCode | None:
    row = connection.execute(BY_HASH, {"hash": code_hash}).mappings().one_or_none()
    return DeviceCode(**row) if row else None


def by_user_code(connection: Connection, user_code: str, now: float) -> DeviceCode | None:
    row = connection.execute(BY_USER_CODE, {"user_code": user_code, "now": now}).mappings().one_or_none()
    return DeviceCode(**row) if row else None


def poll(connection: Connection, code_hash: str, now: float) -> bool:
    """Whether the device kept to its interval; one that did not has to wait longer from now on."""
    parameters = {"hash": code_hash, "now": now}
    if connection.execute(POLL, parameters).rowcount == 1:
        return True
    connection.execute(SLOW_DOWN, parameters)
    return False


def decide(connection: Connection, code_hash: str, state: str, grant_id: str | None, now: float) -> bool:
    parameters = {"hash": code_hash, "state": state, "grant_id": grant_id, "now": now}
    return connection.execute(DECIDE, parameters).rowcount == 1


def use(connection: Connection, code_hash: str, now: float) -> bool:
    """True for one caller only."""
    return connection.execute(USE, {"hash": code_hash, "now": now}).rowcount == 1
