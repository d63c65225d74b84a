"""The first admin, and a second step for signing in to the console.

1. open_link     is this the one-time link of the first start?      -> yes | no
2. create        a name and a password                              -> signed in to the console | refused
3. new_totp_key  a key for an authenticator app, shown once
4. enrol_totp    does the app have it?                              -> done | refused
"""

from __future__ import annotations

from flows import admin_sign_in
from flows.outcomes import Done, Refused, SignedIn
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import passwords, totp
from rules.refusals import Reason, RefusedError
from rules.tokens import hash_token, new_id, new_token
from settings.keys import Use
from storage import admins, audit, sealing
from storage.admins import Admin
from storage.audit import Entry

LINK_SECONDS = 24 * 3600
LONGEST_NAME = 100


def make_link(services: Services) -> str | None:
    """The secret of a fresh one-time link, or None where there is an admin already. Earlier links die."""
    with services.database.write() as connection:
        if admins.any_admin(connection):
            return None
        secret = new_token()
        admins.replace_links(connection, hash_token(secret), services.clock() + LINK_SECONDS)
        return secret


def open_link(services: Services, secret: str) -> bool:
    with services.database.read() as connection:
        good = admins.link_is_good(connection, hash_token(secret), services.clock())
        return good and not admins.any_admin(connection)


@explained
def create(services: Services, visitor: Visitor, secret: str, name: str, password: str) -> SignedIn | Refused:
    admin = new_admin(services, name, password)
    now = services.clock()
    with services.database.write() as connection:
        if admins.any_admin(connection) or not admins.use_link(connection, hash_token(secret), now):
            raise RefusedError(Reason.START_AGAIN)
        admins.add(connection, admin, now)
        audit.add(connection, Entry(now, admin.name, "admin.created", {"by": "setup link"}))
        return admin_sign_in.begin(services, connection, visitor, admin)


@explained
def create_by_command(services: Services, name: str, password: str) -> Done | Refused:
    """The way in for whoever has the server's command line, also where there are admins already."""
    admin, now = new_admin(services, name, password), services.clock()
    with services.database.write() as connection:
        if not admins.add(connection, admin, now):
            raise RefusedError(Reason.NAME_TAKEN)
        audit.add(connection, Entry(now, "command line", "admin.created", {"name": admin.name}))
    return Done()


def new_admin(services: Services, name: str, password: str) -> Admin:
    """Raises RefusedError: a Weakness of the password, or what is wrong with the name."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise RefusedError(Reason.BAD_NAME)
    return Admin(new_id(), name, new_hash(services, name, password), None, 0)


def new_hash(services: Services, name: str, password: str) -> str:
    """Raises RefusedError: a Weakness of the password."""
    weakness = passwords.weakness(password, (name,), ("doorcode", services.settings().application.name))
    if weakness:
        raise RefusedError(weakness, shortest=passwords.SHORTEST, longest=passwords.LONGEST)
    return passwords.hash_password(password)


def new_totp_key() -> str:
    return totp.new_key()


def totp_uri(services: Services, key: str, admin: Admin) -> str:
    return totp.uri(key, services.settings().application.name, admin.name)


@explained
def enrol_totp(services: Services, admin: Admin, key: str, typed: str) -> Done | Refused:
    now = services.clock()
    step = totp.step_of(key, typed, now)
    if step is None:
        raise RefusedError(Reason.WRONG_APP_CODE)
    sealed = sealing.seal(services.keys.all(Use.SEALING), key, f"admins.{admin.id}.totp_key")
    with services.database.write() as connection:
        if not admins.set_totp(connection, admin.id, sealed, step):
            raise RefusedError(Reason.START_AGAIN)
        audit.add(connection, Entry(now, admin.name, "admin.authenticator_added", {}))
    return Done()
