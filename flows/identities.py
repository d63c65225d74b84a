"""The accounts elsewhere that somebody's account is linked to, for admins.

of_account   with as much of each as the admin may see
unlink       with a reason, as long as a way in is left    -> done | refused
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flows import linked
from flows.outcomes import Done, Refused
from flows.refusals import explained
from flows.services import Services
from flows.users import written
from rules import emails
from rules.entrance import comes_in
from rules.refusals import Reason, RefusedError
from rules.roles import sees_numbers
from storage import accounts, audit, events, grants, sessions, tickets, upstream_identities
from storage.admins import Admin
from storage.audit import Entry
from storage.sessions import Audience

SHOWN = 4  # characters of a subject that is masked, and a third of it at most


@dataclass(frozen=True)
class ListedIdentity:
    """``provider``: its name in the settings, ``title``: on its button. ``subject`` and ``email`` as that provider
    tells them, masked for those who may not see them whole."""

    id: str
    provider: str
    title: str
    issuer: str
    subject: str
    email: str
    created_at: float
    used_at: float


def of_account(services: Services, admin: Admin, account_id: str) -> list[ListedIdentity]:
    whole = sees_numbers(admin.role)
    with services.database.read() as connection:
        found = upstream_identities.of_account(connection, account_id)
    return [
        ListedIdentity(
            id=each.id,
            provider=each.name,
            title=linked.title_of(services, each.name),
            issuer=each.issuer,
            subject=each.subject if whole else masked_subject(each.subject),
            email=each.email if whole or "@" not in each.email else emails.masked(each.email),
            created_at=each.created_at,
            used_at=each.used_at,
        )
        for each in found
    ]


def masked_subject(subject: str) -> str:
    return f"{subject[: min(SHOWN, len(subject) // 3)]}•••"


@explained
def unlink(services: Services, admin: Admin, account_id: str, identity_id: str, reason: str) -> Done | Refused:
    """Whoever came in by it is out: sessions end, what goes on without one, and what was to become one."""
    why, now = written(reason), services.clock()
    with services.database.write() as connection:
        entrant = accounts.by_id(connection, account_id, lock=True)
        tickets.end_all(connection, account_id, now)  # after the account, as whoever is signing in takes them
        own = upstream_identities.of_account(connection, account_id)
        going = next((each for each in own if each.id == identity_id), None)
        if entrant is None or going is None:
            raise RefusedError(Reason.START_AGAIN)
        rest = tuple(each.name for each in own if each.id != identity_id)
        if not comes_in(services.settings(), replace(entrant, elsewhere=rest)):
            raise RefusedError(Reason.LAST_WAY)
        upstream_identities.remove(connection, account_id, identity_id)
        sessions.end_all(connection, Audience.ACCOUNT, account_id)
        grants.end_of_account(connection, account_id, "", now)
        events.add(connection, account_id, "upstream_unlinked_by_admin", "", "", now, name=going.name)
        details = {"user": account_id, "provider": going.name, "reason": why}
        audit.add(connection, Entry(now, admin.name, "user.identity_unlinked", details))
    return Done()
