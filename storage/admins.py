"""Admins of the console, and the one-time links that make the first of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Connection


@dataclass(frozen=True)
class Admin:
    """``totp_key``: sealed, none until an authenticator is set up. ``totp_step``: the last step that was accepted."""

    id: str
    name: str
    password_hash: str
    totp_key: str | None
    totp_step: int
    role: str = "owner"


COLUMNS = "id, name, password_hash, totp_key, totp_step, role"
ANY = text("SELECT 1 FROM admins LIMIT 1")
ADD = text(
    """INSERT INTO admins (id, name, password_hash, totp_key, totp_step, role, created_at)
    VALUES (:id, :name, :password_hash, :totp_key, :totp_step, :role, :now) ON CONFLICT (name) DO NOTHING"""
)
BY_NAME = text(f"SELECT {COLUMNS} FROM admins WHERE name = :name")  # noqa: S608 - constants
BY_ID = text(f"SELECT {COLUMNS} FROM admins WHERE id = :id")  # noqa: S608 - constants
SET_TOTP = text("UPDATE admins SET totp_key = :key, totp_step = :step WHERE id = :id AND totp_key IS NULL")
SET_PASSWORD = text("UPDATE admins SET password_hash = :new WHERE id = :id AND password_hash = :old")
USE_STEP = text("UPDATE admins SET totp_step = :step WHERE id = :id AND totp_step < :step")
ALL = text(f"SELECT {COLUMNS} FROM admins ORDER BY name")  # noqa: S608 - constants
# The last owner stays one: nobody else could make another. Whoever takes one away holds them all: two owners who take
# each other away at the same moment would each still see two.
HOLD_OWNERS = text("UPDATE admins SET role = role WHERE role = 'owner'")
SET_ROLE = text(
    """UPDATE admins SET role = :role WHERE id = :id AND (:role = 'owner' OR role <> 'owner'
    OR (SELECT count(*) FROM admins WHERE role = 'owner') > 1)"""
)
REMOVE = text(
    """DELETE FROM admins WHERE id = :id AND (role <> 'owner'
    OR (SELECT count(*) FROM admins WHERE role = 'owner') > 1)"""
)
ADD_LINK = text("INSERT INTO setup_links (secret_hash, expires_at, used) VALUES (:hash, :expires_at, FALSE)")
LINK_IS_GOOD = text("SELECT 1 FROM setup_links WHERE secret_hash = :hash AND expires_at > :now AND NOT used")
USE_LINK = text("UPDATE setup_links SET used = TRUE WHERE secret_hash = :hash AND expires_at > :now AND NOT used")
FORGET_LINKS = text("DELETE FROM setup_links")


def any_admin(connection: Connection) -> bool:
    return connection.execute(ANY).first() is not None


def add(connection: Connection, admin: Admin, now: float) -> bool:
    """False where the name is taken."""
    return connection.execute(ADD, vars(admin) | {"now": now}).rowcount == 1


def by_name(connection: Connection, name: str) -> Admin | None:
    row = connection.execute(BY_NAME, {"name": name}).one_or_none()
    return Admin(**row._mapping) if row else None


def by_id(connection: Connection, admin_id: str) -> Admin | None:
    row = connection.execute(BY_ID, {"id": admin_id}).one_or_none()
    return Admin(**row._mapping) if row else None


def every(connection: Connection) -> list[Admin]:
    return [Admin(**row._mapping) for row in connection.execute(ALL)]


def set_role(connection: Connection, admin_id: str, role: str) -> bool:
    """False for the last owner, who stays one."""
    connection.execute(HOLD_OWNERS)
    return connection.execute(SET_ROLE, {"id": admin_id, "role": role}).rowcount == 1


def remove(connection: Connection, admin_id: str) -> bool:
    """False for the last owner."""
    connection.execute(HOLD_OWNERS)
    return connection.execute(REMOVE, {"id": admin_id}).rowcount == 1


def set_totp(connection: Connection, admin_id: str, sealed_key: str, step: int) -> bool:
    """False where an authenticator is set up already."""
    return connection.execute(SET_TOTP, {"id": admin_id, "key": sealed_key, "step": step}).rowcount == 1


def set_password(connection: Connection, admin: Admin, password_hash: str) -> bool:
    """False where it is another than ``admin`` has by now."""
    values = {"id": admin.id, "old": admin.password_hash, "new": password_hash}
    return connection.execute(SET_PASSWORD, values).rowcount == 1


def use_step(connection: Connection, admin_id: str, step: int) -> bool:
    """Accept a TOTP step once: false for a step that is not newer than the last."""
    return connection.execute(USE_STEP, {"id": admin_id, "step": step}).rowcount == 1


def replace_links(connection: Connection, secret_hash: str, expires_at: float) -> None:
    """One link is good at a time: the newest."""
    connection.execute(FORGET_LINKS)
    connection.execute(ADD_LINK, {"hash": secret_hash, "expires_at": expires_at})


def link_is_good(connection: Connection, secret_hash: str, now: float) -> bool:
    return connection.execute(LINK_IS_GOOD, {"hash": secret_hash, "now": now}).first() is not None


def use_link(connection: Connection, secret_hash: str, now: float) -> bool:
    return connection.execute(USE_LINK, {"hash": secret_hash, "now": now}).rowcount == 1
