"""Second factors of one's own account: added, named, removed; and the browsers that are not asked for them.

overview            what there is, and what can be added
begin_totp          a key for an authenticator app                         -> app | refused
app_key             the key, for as long as its page may be opened         -> key | None
add_totp            does the app have it?                                  -> done | refused
begin_backup_codes  ten new ones, in place of all before                   -> backup_codes | refused
codes_of            the ten, until they are kept                           -> codes | None
kept                they are kept: not shown again
rename, remove      a factor                                               -> done | refused
forget_browser      one of those that are trusted; or all

(A passkey: flows/passkeys.py.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flows import one_time_code, proof
from flows.outcomes import Done, Next, Refused
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import backup_codes, second_factors, totp
from rules.entrance import SECOND_FACTOR, due
from rules.phones import masked
from rules.proofs import Proof
from rules.refusals import Reason, RefusedError
from rules.tokens import is_id, new_id
from settings.keys import Use
from settings.sections import OFF
from storage import accounts, events, factors, sealing, tickets, trusted_browsers
from storage.accounts import PHONE, Identifier
from storage.database import Connection
from storage.factors import BACKUP_CODE, PASSKEY, TOTP, Factor
from storage.sessions import Session
from storage.tickets import Ticket
from storage.trusted_browsers import TrustedBrowser

APP, CODES = "app_adding", "backup_codes_making"
SHOWN_SECONDS = 900  # for how long a new key or new codes can be looked at
LONGEST_NAME = 100


@dataclass(frozen=True)
class Overview:
    """``numbers``: those that codes can go to, masked; ``codes_left``: backup codes; ``addable``: strongest first."""

    factors: Sequence[Factor]
    numbers: Sequence[str]
    codes_left: int
    browsers: Sequence[TrustedBrowser]
    addable: Sequence[str]


@dataclass(frozen=True)
class AppKey:
    """``uri``: what an authenticator app reads from the picture."""

    ticket: str
    key: str = field(repr=False)
    uri: str = field(repr=False)


def permission(services: Services) -> str:
    """off, read or edit, as the admin allows."""
    return services.settings().account_centre.factors


def overview(services: Services, session: Session) -> Overview:
    settings, now = services.settings(), services.clock()
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, session.owner_id)
        kept = factors.of_account(connection, session.owner_id)
        own = accounts.identifiers(connection, session.owner_id)
        browsers = trusted_browsers.of_account(connection, session.owner_id, now)
    by_sms = settings.second_factors.sms and settings.second_factors.policy != OFF
    return Overview(
        [each for each in kept if each.kind != BACKUP_CODE],
        [masked(each.value) for each in own if each.kind == PHONE and by_sms],
        sum(each.kind == BACKUP_CODE for each in kept),
        browsers,
        second_factors.addable(settings, entrant) if entrant else [],
    )


def check_room(services: Services, session: Session, kind: str) -> None:
    """Whether the account may have one more of a kind now. Raises RefusedError."""
    _check_allowed(services, session)
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, session.owner_id)
    if entrant is None or kind not in second_factors.addable(services.settings(), entrant):
        has = {TOTP: entrant.totp, PASSKEY: entrant.passkeys}.get(kind, 0) if entrant else 0
        full = has >= second_factors.MOST.get(kind, 1)
        raise RefusedError(Reason.TOO_MANY_FACTORS if full else Reason.SWITCHED_OFF)


def _check_allowed(services: Services, session: Session) -> None:
    """Who still lacks a factor that is required may add it, whatever the account centre allows."""
    if permission(services) != "edit" and not session.pending:
        raise RefusedError(Reason.SWITCHED_OFF)


@explained
def begin_totp(services: Services, visitor: Visitor, session: Session) -> Next | Refused:
    check_room(services, session, TOTP)
    return Next("app", _begin(services, visitor, session, APP))


def _begin(services: Services, visitor: Visitor, session: Session, flow: str) -> str:
    return one_time_code.begin(services, visitor, Identifier(flow, ""), flow=flow, account_id=session.owner_id)


def _place(services: Services, visitor: Visitor, session: Session, ticket_id: str, flow: str) -> Ticket | None:
    """The visitor's ticket, if it is still good and was made for this account."""
    ticket = one_time_code.find(services, visitor, ticket_id, flow) if is_id(ticket_id) else None
    if ticket is None or ticket.account_id != session.owner_id or ticket.used_at:
        return None
    return ticket if services.clock() - ticket.created_at <= SHOWN_SECONDS else None


def app_key(services: Services, visitor: Visitor, session: Session, ticket_id: str) -> AppKey | None:
    ticket = _place(services, visitor, session, ticket_id, APP)
    if ticket is None:
        return None
    key = totp.key_of(services.keys.all(Use.FACTORS)[0], ticket.id)
    with services.database.read() as connection:
        own = accounts.identifiers(connection, session.owner_id)
    shown = next((masked(each.value) if each.kind == PHONE else each.value for each in own), "")
    return AppKey(ticket.id, key, totp.uri(key, services.settings().application.name, shown))


@explained
def add_totp(services: Services, visitor: Visitor, session: Session, ticket_id: str, typed: str) -> Done | Refused:
    """The first code shows that the app has the key; it is spent with this, so that it does not sign in as well."""
    check_room(services, session, TOTP)
    app = app_key(services, visitor, session, ticket_id)
    if app is None:
        raise RefusedError(Reason.START_AGAIN)
    now, factor_id = services.clock(), new_id()
    step = totp.step_of(app.key, typed, now)
    if step is None:
        raise RefusedError(Reason.WRONG_APP_CODE)
    sealed = sealing.seal(services.keys.all(Use.SEALING), app.key, f"factors.{session.owner_id}.{factor_id}")
    factor = Factor(factor_id, session.owner_id, TOTP, "", sealed, now, counter=step)
    with services.database.write() as connection:
        if not tickets.prove(connection, app.ticket, now, used=True, by=TOTP):
            raise RefusedError(Reason.USED_CODE)
        add_factor(services, connection, visitor, session, factor)
    return Done()


def add_factor(services: Services, connection: Connection, visitor: Visitor, session: Session, factor: Factor) -> None:
    """With what follows from it. Who had to add it to get in has just shown it, and is not asked for it again.

    Raises RefusedError where there is no room any more, or somebody has this passkey.
    """
    settings, now = services.settings(), services.clock()
    entrant = accounts.by_id(connection, factor.account_id, lock=True)  # as it was before
    if entrant is None or factor.kind not in second_factors.addable(settings, entrant):
        raise RefusedError(Reason.TOO_MANY_FACTORS)
    if not factors.add(connection, factor):
        raise RefusedError(Reason.OTHERS_PASSKEY)
    trusted_browsers.forget_all(connection, factor.account_id)
    events.add(connection, factor.account_id, "factor_added", visitor.address, visitor.device, now, factor=factor.kind)
    if session.pending and SECOND_FACTOR in due(settings, entrant, now):
        proof.remember(services, connection, session, Proof(factor.kind, "", now))


@explained
def begin_backup_codes(services: Services, visitor: Visitor, session: Session) -> Next | Refused:
    check_room(services, session, BACKUP_CODE)
    ticket_id = _begin(services, visitor, session, CODES)
    made = backup_codes.make(services.keys.all(Use.FACTORS)[0], ticket_id)
    hashes, now = [backup_codes.hashed(code, ticket_id) for code in made], services.clock()
    details = {"salt": ticket_id}
    with services.database.write() as connection:
        accounts.by_id(connection, session.owner_id, lock=True)
        factors.remove_kind(connection, session.owner_id, BACKUP_CODE)
        for secret in hashes:
            factors.add(connection, Factor(new_id(), session.owner_id, BACKUP_CODE, "", secret, now, details=details))
        events.add(connection, session.owner_id, "backup_codes_made", visitor.address, visitor.device, now)
    return Next("backup_codes", ticket_id)


def codes_of(services: Services, visitor: Visitor, session: Session, ticket_id: str) -> list[str] | None:
    ticket = _place(services, visitor, session, ticket_id, CODES)
    with services.database.read() as connection:
        kept = factors.of_account(connection, session.owner_id, BACKUP_CODE)
    if ticket is None or not kept or kept[0].details["salt"] != ticket.id:  # newer ones have replaced them
        return None
    return backup_codes.make(services.keys.all(Use.FACTORS)[0], ticket.id)


def kept(services: Services, visitor: Visitor, session: Session, ticket_id: str) -> None:
    if ticket := _place(services, visitor, session, ticket_id, CODES):
        with services.database.write() as connection:
            tickets.use(connection, ticket.id, services.clock())


def one(services: Services, session: Session, factor_id: str) -> Factor | None:
    return next((each for each in overview(services, session).factors if each.id == factor_id), None)


@explained
def rename(services: Services, visitor: Visitor, session: Session, factor_id: str, name: str) -> Done | Refused:
    _check_allowed(services, session)
    name, now = " ".join(name.split()), services.clock()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise RefusedError(Reason.BAD_NAME)
    with services.database.write() as connection:
        if not factors.rename(connection, session.owner_id, factor_id, name):
            raise RefusedError(Reason.START_AGAIN)
        events.add(connection, session.owner_id, "factor_renamed", visitor.address, visitor.device, now, shown=name)
    return Done()


@explained
def remove(services: Services, visitor: Visitor, session: Session, factor_id: str) -> Done | Refused:
    """The last one stays where one is required, or where nothing else opens the door. Backup codes go with the last."""
    _check_allowed(services, session)
    settings, now = services.settings(), services.clock()
    with services.database.write() as connection:
        entrant = accounts.by_id(connection, session.owner_id, lock=True)
        chosen = next((f for f in factors.of_account(connection, session.owner_id) if f.id == factor_id), None)
        if entrant is None or chosen is None or not factors.remove(connection, session.owner_id, factor_id):
            raise RefusedError(Reason.START_AGAIN)
        if not second_factors.may_go(settings, entrant, chosen.kind):
            raise RefusedError(Reason.LAST_FACTOR)
        if entrant.totp + entrant.passkeys == 1:
            factors.remove_kind(connection, session.owner_id, BACKUP_CODE)
        trusted_browsers.forget_all(connection, session.owner_id)
        events.add(
            connection, session.owner_id, "factor_removed", visitor.address, visitor.device, now, factor=chosen.kind
        )
    return Done()


def forget_browser(services: Services, visitor: Visitor, session: Session, browser_id: str) -> None:
    """``all`` forgets every one."""
    with services.database.write() as connection:
        if browser_id == "all":
            gone = trusted_browsers.forget_all(connection, session.owner_id) > 0
        else:
            gone = trusted_browsers.forget(connection, session.owner_id, browser_id)
        if gone:
            events.add(
                connection,
                session.owner_id,
                "browser_forgotten",
                visitor.address,
                visitor.device,
                services.clock(),
            )
