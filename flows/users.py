"""People's accounts, for admins.

find           by any writing of a number, an address, a username or an id; else the newest
view           one account: identifiers, factors, sessions, what happened
create         an account for a number or address that the admin vouches for      -> id | refused
add_identifier      a number or address more, that the admin vouches for          -> done | refused
remove_identifier   as long as a way in is left                                   -> done | refused
suspend, open  nobody gets in meanwhile; their sessions end
unlock         codes to its numbers are open again after too many wrong ones
end_sessions
remove_factor  with a reason                                                      -> done | refused
delete         with the account's id typed                                        -> done | refused
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flows import notices
from flows.identifier import read_identifier
from flows.outcomes import Done, Refused
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import emails, phones, recipients, tries
from rules.entrance import comes_back_without
from rules.phones import Phone, PhonePolicy, display, masked
from rules.refusals import Reason, RefusedError
from rules.roles import sees_numbers
from rules.tokens import new_id
from settings.templates import WITH_CODE
from storage import accounts, audit, events, grants, number_claims, sessions, tickets, trusted_browsers, users
from storage.accounts import EMAIL, PHONE, Entrant, Identifier
from storage.admins import Admin
from storage.audit import Entry
from storage.database import Connection
from storage.events import Event
from storage.sessions import Audience, Session
from storage.users import ListedFactor, ListedUser

SHOWN = 50
EVENTS_SHOWN = 50
SHORTEST_REASON, LONGEST_REASON = 10, 300  # characters
ANY_NUMBER = PhonePolicy(all_countries=True, allow_possible=True, allow_fixed_line=True, allow_voip=True)
OF_ACCOUNT = ("totp", "backup_code", "password")  # counted by the account's id


@dataclass(frozen=True)
class FoundUser:
    """``shown``: its main identifier as people write it, ``value`` in its one spelling; both are masked for those who
    may not see it whole."""

    id: str
    kind: str
    value: str
    shown: str
    created_at: float
    suspended: bool


@dataclass(frozen=True)
class User:
    entrant: Entrant
    identifiers: list[tuple[Identifier, str]]
    factors: list[ListedFactor]
    sessions: list[Session]
    events: list[Event]


def find(
    services: Services, admin: Admin, typed: str, before: float, *, before_id: str = "", most: int = SHOWN
) -> list[FoundUser]:
    """``before``, ``before_id``: birth and id of the account that the list of the newest goes on after."""
    text = typed.strip()
    with services.database.read() as connection:
        if text:
            country = services.settings().phones.default_country
            number = phones.read(text, country, ANY_NUMBER)
            e164 = number.e164 if isinstance(number, Phone) else ""
            found = users.find(connection, text.casefold(), e164, emails.read(text) or "", most=most)
        else:
            found = users.newest(connection, before, before_id=before_id, most=most)
    return [_found(admin, each) for each in found]


def _found(admin: Admin, user: ListedUser) -> FoundUser:
    shown = shown_to(admin, Identifier(user.kind, user.identifier))
    value = user.identifier if sees_numbers(admin.role) else shown
    return FoundUser(user.id, user.kind, value, shown, user.created_at, user.suspended_at is not None)


def shown_to(admin: Admin, identifier: Identifier) -> str:
    whole = sees_numbers(admin.role)
    if identifier.kind == PHONE:
        return display(identifier.value) if whole else masked(identifier.value)
    if identifier.kind == EMAIL:
        return identifier.value if whole else emails.masked(identifier.value)
    return identifier.value


def view(services: Services, admin: Admin, account_id: str) -> User | None:
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, account_id)
        if entrant is None:
            return None
        names = [(each, shown_to(admin, each)) for each in accounts.identifiers(connection, account_id)]
        return User(
            entrant,
            names,
            users.factors(connection, account_id),
            sessions.of_owner(connection, Audience.ACCOUNT, account_id, services.clock()),
            events.newest(connection, account_id, most=EVENTS_SHOWN),
        )


@explained
def create(services: Services, admin: Admin, typed: str) -> str | Refused:
    identifier = _vouched(services, admin, typed)
    account_id, now = new_id(), services.clock()
    with services.database.write() as connection:
        if not accounts.create(connection, account_id, identifier, services.settings().application.language, now):
            raise RefusedError(Reason.NAME_TAKEN)
        audit.add(connection, Entry(now, admin.name, "user.created", {"user": account_id}))
    return account_id


def _vouched(services: Services, admin: Admin, typed: str) -> Identifier:
    country = services.settings().phones.default_country
    return replace(read_identifier(services, typed, country, [PHONE, EMAIL]), vouched_by=admin.name)


@explained
def add_identifier(
    services: Services, admin: Admin, visitor: Visitor, account_id: str, typed: str, reason: str | None = None
) -> Done | Refused:
    """A number or address that nobody proved, but that the admin vouches for; it is marked so. All that the account has
    already is told, and so is its owner by its events. ``reason``: None of a program, which has nobody to ask."""
    identifier, now = _vouched(services, admin, typed), services.clock()
    why = {} if reason is None else {"reason": written(reason)}
    with services.database.write() as connection:
        if accounts.by_id(connection, account_id, lock=True) is None:
            raise RefusedError(Reason.START_AGAIN)
        notices.tell(services, connection, visitor, account_id, notices.CONTACT_ADDED)
        if not accounts.add_identifier(connection, account_id, identifier, now):
            raise RefusedError(Reason.BELONGS_TO_ANOTHER)
        _note(connection, admin, account_id, "added", identifier, now, **why)
    services.wake_delivery()
    return Done()


@explained
def remove_identifier(
    services: Services, admin: Admin, visitor: Visitor, account_id: str, kind: str, value: str
) -> Done | Refused:
    """The last way in stays: an account that nobody can open is to be deleted. What leaves is told, and all else."""
    now = services.clock()
    with services.database.write() as connection:
        entrant = accounts.by_id(connection, account_id, lock=True)
        own = [
            each for each in accounts.identifiers(connection, account_id) if (each.kind, each.value) == (kind, value)
        ]
        if entrant is None or not own:
            raise RefusedError(Reason.START_AGAIN)
        if not comes_back_without(services.settings(), entrant, kind):
            raise RefusedError(Reason.LAST_WAY)
        accounts.remove_identifier(connection, account_id, kind, value)
        number_claims.drop(connection, value, account_id)
        _note(connection, admin, account_id, "removed", own[0], now)
        notices.tell(services, connection, visitor, account_id, notices.CONTACT_LEFT, also=(own[0],))
    services.wake_delivery()
    return Done()


def _note(
    connection: Connection, admin: Admin, account_id: str, what: str, identifier: Identifier, now: float, **why: str
) -> None:
    shown = recipients.masked(identifier.value)
    kind = f"{identifier.kind}_{what}"
    by_admin = f"{kind}_by_admin" if what == "added" else kind
    events.add(connection, account_id, by_admin, "", "", now, value=identifier.value, shown=shown)
    audit.add(connection, Entry(now, admin.name, f"user.{kind}", {"user": account_id, "shown": shown, **why}))


def suspend(services: Services, admin: Admin, account_id: str) -> None:
    now = services.clock()
    with services.database.write() as connection:
        if users.suspend(connection, account_id, now):
            sessions.end_all(connection, Audience.ACCOUNT, account_id)
            audit.add(connection, Entry(now, admin.name, "user.suspended", {"user": account_id}))


def open_again(services: Services, admin: Admin, account_id: str) -> None:
    """After a suspension, or after too many wrong codes."""
    now = services.clock()
    with services.database.write() as connection:
        users.suspend(connection, account_id, None)
        for identifier in accounts.identifiers(connection, account_id):
            for purpose in (*WITH_CODE, "password"):
                tries.succeeded(connection, purpose, identifier.value)
        for purpose in OF_ACCOUNT:
            tries.succeeded(connection, purpose, account_id)
        audit.add(connection, Entry(now, admin.name, "user.opened", {"user": account_id}))


def end_sessions(services: Services, admin: Admin, account_id: str) -> None:
    """And what was about to become one: who has shown a first step begins anew."""
    now = services.clock()
    with services.database.write() as connection:
        tickets.end_all(connection, account_id, now)
        sessions.end_all(connection, Audience.ACCOUNT, account_id)
        grants.end_of_account(connection, account_id, "", now)
        trusted_browsers.forget_all(connection, account_id)
        audit.add(connection, Entry(now, admin.name, "user.sessions_ended", {"user": account_id}))


@explained
def remove_factor(services: Services, admin: Admin, account_id: str, factor_id: str, reason: str) -> Done | Refused:
    """The reason stays in the audit log: removing a factor is how accounts are stolen by telephone."""
    reason, now = written(reason), services.clock()
    with services.database.write() as connection:
        if not users.remove_factor(connection, account_id, factor_id):
            raise RefusedError(Reason.START_AGAIN)
        tickets.end_all(connection, account_id, now)  # after the factor, as whoever is showing it has them
        sessions.end_all(connection, Audience.ACCOUNT, account_id)
        grants.end_of_account(connection, account_id, "", now)
        events.add(connection, account_id, "factor_removed_by_admin", "", "", now)
        details = {"user": account_id, "reason": reason}
        audit.add(connection, Entry(now, admin.name, "user.factor_removed", details))
    return Done()


def written(reason: str) -> str:
    """A reason that says something. Raises RefusedError."""
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if len(reason) < SHORTEST_REASON:
        raise RefusedError(Reason.REASON_NEEDED)
    return reason


@explained
def delete(services: Services, admin: Admin, account_id: str, typed: str) -> Done | Refused:
    if typed.strip() != account_id:
        raise RefusedError(Reason.NOT_CONFIRMED)
    now = services.clock()
    with services.database.write() as connection:
        sessions.end_all(connection, Audience.ACCOUNT, account_id)
        if users.delete(connection, account_id, now):
            audit.add(connection, Entry(now, admin.name, "user.deleted", {"user": account_id}))
    return Done()
