"""An admin's own password: the first one is known to whoever added them.

change   to a new one, by the one that they have   -> signed in here, and nowhere else | refused
"""

from __future__ import annotations

from flows import admin_sign_in
from flows.admin_setup import new_hash
from flows.outcomes import Refused, SignedIn
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import passwords, tries
from rules.refusals import Reason, RefusedError
from storage import admins, audit, sessions
from storage.admins import Admin
from storage.audit import Entry
from storage.sessions import Audience


@explained
def change(services: Services, visitor: Visitor, admin: Admin, password: str, new: str) -> SignedIn | Refused:
    """Counted like a sign-in: a session alone must not be enough to guess by."""
    now, who = services.clock(), f"{admin.name}:{visitor.network}"
    with services.database.write() as connection:
        tries.count_password(connection, services.settings(), who, now)
    if not passwords.is_right(admin.password_hash, password):
        raise RefusedError(Reason.WRONG_OLD_PASSWORD)
    password_hash = new_hash(services, admin.name, new)
    with services.database.write() as connection:
        if not admins.set_password(connection, admin, password_hash):
            raise RefusedError(Reason.CHANGED_MEANWHILE)
        tries.password_succeeded(connection, who)
        sessions.end_all(connection, Audience.CONSOLE, admin.id)
        audit.add(connection, Entry(now, admin.name, "admin.password_changed", {"address": visitor.address}))
        return admin_sign_in.begin(services, connection, visitor, admin)
