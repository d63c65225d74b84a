"""A person's own account.

permission   what of it people may see and change
numbers      which numbers name it
events       what happened to it lately
everything   all that is kept about it, to take along
delete       it is gone, with its numbers, factors and sessions
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flows.services import Services
from rules.phones import display, masked
from storage import accounts, sessions, users
from storage import events as account_events
from storage.events import Event
from storage.sessions import Audience, Session

EVENTS_SHOWN = 100


@dataclass(frozen=True)
class OwnNumber:
    shown: str
    masked: str


def permission(services: Services, field: str) -> str:
    """off, read or edit, as the admin allows for a field of the account centre."""
    allowed = getattr(services.settings().account_centre, field)
    return allowed if isinstance(allowed, str) else "edit" if allowed else "off"


def numbers(services: Services, session: Session) -> list[OwnNumber]:
    with services.database.read() as connection:
        found = accounts.identifiers(connection, session.owner_id)
    return [OwnNumber(display(each.value), masked(each.value)) for each in found if each.kind == accounts.PHONE]


def events(services: Services, session: Session) -> list[Event]:
    with services.database.read() as connection:
        return account_events.newest(connection, session.owner_id, most=EVENTS_SHOWN)


def everything(services: Services, session: Session) -> dict[str, Any]:
    """Times are seconds since 1970. No secret is in it, and no hash."""
    now = services.clock()
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, session.owner_id)
        return {
            "account": {
                "id": session.owner_id,
                "created_at": entrant.created_at if entrant else None,
                "language": entrant.locale if entrant else None,
                "has_password": bool(entrant and entrant.password_hash),
                "terms_version": entrant.terms_version if entrant else None,
            },
            "identifiers": [asdict(each) for each in accounts.identifiers(connection, session.owner_id)],
            "second_factors": [asdict(each) for each in users.factors(connection, session.owner_id)],
            "sessions": [
                {"since": each.created_at, "until": each.expires_at, "address": each.address, "device": each.device}
                for each in sessions.of_owner(connection, Audience.ACCOUNT, session.owner_id, now)
            ],
            "events": [asdict(each) for each in account_events.newest(connection, session.owner_id, most=10_000)],
        }


def delete(services: Services, session: Session) -> None:
    with services.database.write() as connection:
        sessions.end_all(connection, Audience.ACCOUNT, session.owner_id)
        users.delete(connection, session.owner_id, services.clock())
