"""Sign in to the console: name, password and authenticator code, on one page.

  1. start      are all three right?     -> signed in | refused
  2. who        which admin is this?
  3. sign_out

Never depends on a text message. One answer for whatever is wrong.
"""

from __future__ import annotations

from flows.outcomes import Refused, SignedIn
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import passwords, roles, totp, tries
from rules.refusals import Reason, RefusedError
from rules.tokens import hash_token, new_id, new_token
from settings.keys import Use
from storage import admins, audit, sealing, sessions
from storage.admins import Admin
from storage.audit import Entry
from storage.database import Connection
from storage.sessions import Audience, Session

HOUR = 3600


@explained
def start(services: Services, visitor: Visitor, name: str, password: str, typed: str) -> SignedIn | Refused:
    name, now = " ".join(name.split()), services.clock()
    # By name and address together: a stranger elsewhere cannot keep the admin out.
    who = f"{name}:{visitor.network}"
    with services.database.write() as connection:
        tries.count_password(connection, services.settings(), who, now)
    with services.database.read() as connection:
        admin = admins.by_name(connection, name)
    right = passwords.is_right(admin.password_hash if admin else None, password)
    if admin is None or not right:
        raise RefusedError(Reason.WRONG_SIGN_IN)
    with services.database.write() as connection:
        _check_totp(services, connection, admin, typed, now)
        tries.password_succeeded(connection, who)
        audit.add(connection, Entry(now, admin.name, "admin.signed_in", {"address": visitor.address}))
        return begin(services, connection, visitor, admin)


def _check_totp(services: Services, connection: Connection, admin: Admin, typed: str, now: float) -> None:
    if admin.totp_key is None:
        return
    key = sealing.unseal(services.keys.all(Use.SEALING), admin.totp_key, f"admins.{admin.id}.totp_key")
    step = totp.step_of(key, typed, now)
    if step is None or not admins.use_step(connection, admin.id, step):
        raise RefusedError(Reason.WRONG_SIGN_IN)


def begin(services: Services, connection: Connection, visitor: Visitor, admin: Admin) -> SignedIn:
    token, now = new_token(), services.clock()
    expires_at = now + services.settings().sessions.console_hours * HOUR
    session = Session(
        id=new_id(),
        token_hash=hash_token(token),
        audience=Audience.CONSOLE,
        owner_id=admin.id,
        created_at=now,
        expires_at=expires_at,
        address=visitor.address,
        device=visitor.device,
    )
    sessions.add(connection, session)
    return SignedIn(token, expires_at)


def who(services: Services, token: str) -> Admin | None:
    if not token:
        return None
    with services.database.read() as connection:
        session = sessions.find(connection, hash_token(token), Audience.CONSOLE, services.clock())
        return admins.by_id(connection, session.owner_id) if session else None


def sign_out(services: Services, token: str) -> None:
    with services.database.write() as connection:
        sessions.end(connection, hash_token(token))


def may(admin: Admin, page: str, *, reads: bool) -> bool:
    """Whether the admin's role opens a page of the console."""
    return roles.may(admin.role, page, reads=reads)
