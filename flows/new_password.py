"""A new password: judged and hashed, never in a transaction, for a hash takes 20 ms; then put in the old one's place.

read_new_password   its hash, or why it is none
renew               in the transaction of whoever has proved enough: what a new password ends, and who is told
"""

from __future__ import annotations

from flows import notices
from flows.services import Services, Visitor
from rules import passwords, tries
from rules.refusals import RefusedError
from storage import accounts, events, grants, sessions, tickets, trusted_browsers
from storage.accounts import Entrant
from storage.database import Connection
from storage.sessions import Audience

NOTICE = "notice_password_changed"


def read_new_password(services: Services, typed: str, *, alone: bool, context: tuple[str, ...]) -> str:
    """Its hash. ``alone``: nothing else is asked for at signing in; ``context``: what its owner is known by.

    Raises RefusedError with a Weakness.
    """
    settings, shortest = services.settings(), shortest_of(services, alone=alone)
    refused = (settings.application.name, *settings.passwords.refused)
    weakness = passwords.weakness(typed, context, refused, shortest=shortest)
    if weakness:
        raise RefusedError(weakness, shortest=shortest, longest=passwords.LONGEST)
    return passwords.hash_password(typed)


def shortest_of(services: Services, *, alone: bool) -> int:
    """How many characters a password must have."""
    settings = services.settings().passwords
    return settings.shortest_alone if alone else settings.shortest


def is_alone(services: Services) -> bool:
    """Whether a password may be all that somebody shows."""
    settings = services.settings()
    opens = any("password" in settings.sign_in.methods(kind) for kind in settings.sign_in.kinds())
    return opens and settings.second_factors.policy != "required"


def own_names(connection: Connection, account_id: str) -> tuple[str, ...]:
    """What the owner of an account is known by."""
    return tuple(each.value for each in accounts.identifiers(connection, account_id))


def renew(
    services: Services,
    connection: Connection,
    visitor: Visitor,
    entrant: Entrant,
    *,
    kept_session: str = "",
    end_sessions: bool,
    proved_with: str = "",
) -> None:
    """After its new password is written: whatever the old one opened, or was about to open, is closed."""
    now = services.clock()
    if end_sessions:
        sessions.end_others(connection, Audience.ACCOUNT, entrant.id, kept_session)
        grants.end_of_account(connection, entrant.id, kept_session, now)
    sessions.end_proofs(connection, entrant.id, kept_session)
    trusted_browsers.forget_all(connection, entrant.id)
    tickets.end_all(connection, entrant.id, now)
    for name in (*own_names(connection, entrant.id), entrant.id):
        tries.succeeded(connection, "password", name)
    kind = "password_changed" if entrant.password_hash else "password_set"
    events.add(connection, entrant.id, kind, visitor.address, visitor.device, now)
    notices.tell(services, connection, visitor, entrant.id, NOTICE, but=proved_with)
