"""Who else is an admin, for owners.

every         all of them
add           a name, a first password and a role             -> done | refused
change_role   the last owner stays one                         -> done | refused
remove        their sessions end; not oneself, not the last    -> done | refused
"""

from __future__ import annotations

from dataclasses import replace

from flows.admin_setup import new_admin
from flows.outcomes import Done, Refused
from flows.refusals import explained
from flows.services import Services
from rules.refusals import Reason, RefusedError
from rules.roles import Role
from storage import admins, audit, sessions
from storage.admins import Admin
from storage.audit import Entry
from storage.sessions import Audience


def every(services: Services) -> list[Admin]:
    with services.database.read() as connection:
        return admins.every(connection)


@explained
def add(services: Services, author: Admin, name: str, password: str, role: str) -> Done | Refused:
    """The password is told to the person, who sets up their authenticator app when they first sign in."""
    admin, now = replace(new_admin(services, name, password), role=_role(role)), services.clock()
    with services.database.write() as connection:
        if not admins.add(connection, admin, now):
            raise RefusedError(Reason.NAME_TAKEN)
        audit.add(connection, Entry(now, author.name, "admin.created", {"name": admin.name, "role": admin.role}))
    return Done()


@explained
def change_role(services: Services, author: Admin, admin_id: str, role: str) -> Done | Refused:
    role, now = _role(role), services.clock()
    with services.database.write() as connection:
        admin = admins.by_id(connection, admin_id)
        if admin is None or not admins.set_role(connection, admin_id, role):
            raise RefusedError(Reason.LAST_OWNER)
        audit.add(connection, Entry(now, author.name, "admin.role_changed", {"name": admin.name, "role": role}))
    return Done()


@explained
def remove(services: Services, author: Admin, admin_id: str) -> Done | Refused:
    now = services.clock()
    with services.database.write() as connection:
        admin = admins.by_id(connection, admin_id)
        if admin is None or admin.id == author.id or not admins.remove(connection, admin_id):
            raise RefusedError(Reason.LAST_OWNER)
        sessions.end_all(connection, Audience.CONSOLE, admin_id)
        audit.add(connection, Entry(now, author.name, "admin.removed", {"name": admin.name}))
    return Done()


def _role(typed: str) -> str:
    if typed not in list(Role):
        raise RefusedError(Reason.BAD_NAME)
    return typed
