"""The account of somebody who came from another provider, shown by its password in place of a code.

is_a_way         whether passwords sign anybody in today
check_password   the account's own                -> signed in, and linked | second_factor | refused

By a passkey: flows/passkeys.py. An authenticator app's code opens no account by itself, so it does not here: it is
asked for afterwards, where one is due.
"""

from __future__ import annotations

from dataclasses import replace

from flows import entrance, linking
from flows.outcomes import Next, Refused, SignedIn
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import passwords, tries
from rules.entrance import is_opened_by_password
from rules.refusals import Reason, RefusedError
from storage import accounts, tickets


def is_a_way(services: Services) -> bool:
    """Told of no account: whether this one has a password is nobody's business yet."""
    sign_in = services.sign_in()
    return any("password" in sign_in.methods(kind) for kind in sign_in.kinds())


@explained
def check_password(services: Services, visitor: Visitor, ticket_id: str, typed: str) -> SignedIn | Next | Refused:
    """Tries are counted together with those of signing in by this address or number. A password that would not sign in
    to the account is none here either, and nobody hears that it is right."""
    ticket, now = linking.claimed(services, visitor, ticket_id), services.clock()
    if not is_a_way(services):
        raise RefusedError(Reason.SWITCHED_OFF)
    with services.database.write() as connection:  # of its own: whatever fails later, the try stays counted
        left = tries.count(connection, services.settings(), ticket.id, "password", ticket.address, now)
    with services.database.read() as connection:
        entrant = accounts.by_identifier(connection, ticket.kind, ticket.address)
    right = passwords.is_right(entrant.password_hash if entrant else None, typed)
    if entrant is None or not right or not is_opened_by_password(services.sign_in(), entrant):
        raise RefusedError(Reason.WRONG_PASSWORD if left else Reason.TOO_MANY_PASSWORDS, tries_left=left)
    if entrant.id != ticket.account_id:
        raise RefusedError(Reason.START_AGAIN)
    fresh_hash = passwords.rehashed(entrant.password_hash, typed)
    with services.database.write() as connection:
        if not accounts.keep_password(connection, entrant, fresh_hash):
            raise RefusedError(Reason.WRONG_PASSWORD, tries_left=left)
        if not tickets.prove(connection, ticket.id, now, used=False, by="password"):
            raise RefusedError(Reason.USED_CODE)
        tries.succeeded(connection, "password", ticket.address)
        proved = replace(ticket, proved_at=now, proved_by="password")
        return entrance.admit(services, connection, visitor, proved, entrant)
