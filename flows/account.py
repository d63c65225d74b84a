"""A person's own account.

permission   what of it people may see and change
numbers      which numbers name it
profile      its username, language and age
events       what happened to it lately
everything   all that is kept about it, to take along
delete       it is gone, with its numbers, factors and sessions
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from flows import cursors
from flows.outcomes import Refused
from flows.services import Services
from rules.phones import display, masked
from storage import accounts, messages, organizations, sessions, upstream_identities, users
from storage import events as account_events
from storage.database import Connection
from storage.events import Event
from storage.sessions import Audience, Session

EVENTS_SHOWN = 100
ACT = "act_confirmed"
LONGEST_ID = 18  # digits that a database's number has for sure


@dataclass(frozen=True)
class Profile:
    username: str
    language: str
    created_at: float
    has_password: bool


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


def profile(services: Services, session: Session) -> Profile:
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, session.owner_id)
        names = accounts.identifiers(connection, session.owner_id)
    username = next((each.value for each in names if each.kind == accounts.USERNAME), "")
    if entrant is None:
        return Profile("", "", 0, has_password=False)
    return Profile(username, entrant.locale, entrant.created_at, has_password=entrant.password_hash is not None)


def events(
    services: Services, session: Session, *, most: int = EVENTS_SHOWN, cursor: str = "", acts: bool = False
) -> list[Event] | Refused:
    """``cursor``: of the event that the list goes on after (:func:`cursor_of`); refused where it is none of ours.
    ``acts``: with their texts, which are for the person and no other application."""
    place = cursors.read(cursor)
    if cursor and (place is None or not place[1].isdecimal() or len(place[1]) > LONGEST_ID):
        return Refused("bad_query")
    before = (place[0], int(place[1])) if place else None
    with services.database.read() as connection:
        found = account_events.newest(connection, session.owner_id, most=most, before=before)
        return _told(connection, found, acts=acts)


def _told(connection: Connection, found: Sequence[Event], *, acts: bool) -> list[Event]:
    """Of an act its hash; and the text of its message, as long as that is kept."""
    wanted = [each.details.get("message", "") for each in found if acts and each.kind == ACT]
    texts = {name: {"shown": kept["act"]} for name, kept in messages.details(connection, wanted).items()}
    return [
        replace(each, details=_hash_of(each) | texts.get(each.details.get("message", ""), {}))
        if each.kind == ACT
        else each
        for each in found
    ]


def _hash_of(event: Event) -> dict[str, Any]:
    return {name: value for name, value in event.details.items() if name == "act_hash"}


def cursor_of(event: Event) -> str:
    return cursors.write(event.at, str(event.id))


def everything(services: Services, session: Session) -> dict[str, Any]:
    """Times are seconds since 1970. No secret is in it, and no hash."""
    now = services.clock()
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, session.owner_id)
        happened = account_events.newest(connection, session.owner_id, most=10_000)
        return {
            "account": {
                "id": session.owner_id,
                "created_at": entrant.created_at if entrant else None,
                "language": entrant.locale if entrant else None,
                "has_password": bool(entrant and entrant.password_hash),
                "terms_version": entrant.terms_version if entrant else None,
            },
            "identifiers": [asdict(each) for each in accounts.identifiers(connection, session.owner_id)],
            "elsewhere": [asdict(each) for each in upstream_identities.of_account(connection, session.owner_id)],
            "second_factors": [asdict(each) for each in users.factors(connection, session.owner_id)],
            "sessions": [
                {"since": each.created_at, "until": each.expires_at, "address": each.address, "device": each.device}
                for each in sessions.of_owner(connection, Audience.ACCOUNT, session.owner_id, now)
            ],
            "organizations": [
                {"id": each.organization.id, "name": each.organization.settings.name, "roles": list(each.roles)}
                for each in organizations.of_account(connection, session.owner_id)
            ],
            "events": [_kept(each) for each in _told(connection, happened, acts=True)],
        }


def _kept(event: Event) -> dict[str, Any]:
    return {name: value for name, value in asdict(event).items() if name != "id"}


def delete(services: Services, session: Session) -> None:
    with services.database.write() as connection:
        sessions.end_all(connection, Audience.ACCOUNT, session.owner_id)
        users.delete(connection, session.owner_id, services.clock())
