"""The password of one's own account, changed by who is signed in and has shown lately who they are.

about     is there one yet, and of whom?
change    a new one                -> done | refused
"""

from __future__ import annotations

from dataclasses import dataclass

from flows import new_password as passwords
from flows import proof
from flows.outcomes import Done, Refused
from flows.refusals import explained
from flows.services import Services, Visitor
from rules.refusals import Reason, RefusedError
from storage import accounts
from storage.sessions import Session


@dataclass(frozen=True)
class About:
    """``name``: under which a password manager keeps it."""

    has_one: bool
    name: str


def about(services: Services, session: Session) -> About:
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, session.owner_id)
        names = passwords.own_names(connection, session.owner_id)
    return About(bool(entrant and entrant.password_hash), names[0] if names else "")


def may_change(services: Services) -> bool:
    return services.settings().account_centre.password == "edit"  # noqa: S105 - a permission


@explained
def change(services: Services, visitor: Visitor, session: Session, typed: str, *, end_sessions: bool) -> Done | Refused:
    """Of two at once the second is refused: it was typed over a password that is not there any more."""
    if not may_change(services):
        raise RefusedError(Reason.SWITCHED_OFF)
    if not proof.is_fresh(services, session):
        raise RefusedError(Reason.START_AGAIN)
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, session.owner_id)
        names = passwords.own_names(connection, session.owner_id)
    if entrant is None:
        raise RefusedError(Reason.START_AGAIN)
    alone = passwords.is_alone(services)
    password_hash = passwords.read_new_password(services, typed, alone=alone, context=names)
    now = services.clock()
    with services.database.write() as connection:
        if not accounts.replace_password(connection, entrant, password_hash, now):
            raise RefusedError(Reason.CHANGED_MEANWHILE)
        passwords.renew(services, connection, visitor, entrant, kept_session=session.id, end_sessions=end_sessions)
    services.wake_delivery()
    return Done()
