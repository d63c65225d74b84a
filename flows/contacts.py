"""The numbers and e-mail addresses of one's own account. ``kind`` is phone or email, and names the flow's tickets too.

own            which are mine, the main one first
start          one more: which?                                   -> code | refused
check_code     is this the code that we sent there?               -> done | refused; another may go for it
send_again     another code, once the wait is over                -> code | refused
make_main      the one that is used where one is enough           -> done | refused
remove         as long as a way in is left                        -> done | refused
"""

from __future__ import annotations

from dataclasses import dataclass

from flows import one_time_code
from flows.first_step import send_code
from flows.identifier import id_of, read_identifier
from flows.outcomes import Done, Next, Refused
from flows.place import Place, place_of
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import emails
from rules.entrance import comes_back_without
from rules.phones import display, masked
from rules.refusals import Reason, RefusedError
from settings.sections import AccountCentre
from storage import accounts, events
from storage.accounts import PHONE, Identifier
from storage.database import Connection
from storage.sessions import Session
from storage.tickets import Ticket

USAGE = "bind_new_identifier"
MOST_EMAILS = 5
PERMISSIONS = {"phone": "phones", "email": "emails"}


@dataclass(frozen=True)
class Contact:
    """``place``: its number in the list, by which the page names it; ``id``: by which programs do."""

    place: int
    id: str
    value: str
    shown: str
    masked: str
    is_main: bool
    verified_at: float


def permission(services: Services, kind: str) -> str:
    """off, read or edit, as the admin allows."""
    centre: AccountCentre = services.settings().account_centre
    return str(getattr(centre, PERMISSIONS[kind]))


def own(services: Services, session: Session, kind: str) -> list[Contact]:
    return [
        Contact(
            place,
            id_of(session.owner_id, each),
            each.value,
            shown(each),
            masked_value(each),
            each.is_primary,
            each.verified_at,
        )
        for place, each in enumerate(_identifiers(services, session, kind))
    ]


def shown(identifier: Identifier) -> str:
    return display(identifier.value) if identifier.kind == PHONE else identifier.value


def masked_value(identifier: Identifier) -> str:
    return masked(identifier.value) if identifier.kind == PHONE else emails.masked(identifier.value)


@explained
def start(
    services: Services, visitor: Visitor, session: Session, kind: str, typed: str, country: str, *, replaces: str = ""
) -> Next | Refused:
    """``replaces``: the id of the one that is to go when the new one is proved."""
    _check_allowed(services, session, kind)
    identifier = read_identifier(services, typed, country, [kind])
    mine = _identifiers(services, session, kind)
    if identifier.value in [each.value for each in mine]:
        raise RefusedError(Reason.YOURS_ALREADY)
    most = services.settings().account_centre.most_phones if kind == PHONE else MOST_EMAILS
    if len(mine) - (replaces in [id_of(session.owner_id, each) for each in mine]) >= most:
        raise RefusedError(Reason.TOO_MANY_CONTACTS)
    return send_code(services, visitor, identifier, flow=kind, usage=USAGE, account_id=session.owner_id)


@explained
def check_code(
    services: Services,
    visitor: Visitor,
    session: Session,
    kind: str,
    ticket_id: str,
    typed: str,
    *,
    replaces: str = "",
) -> Done | Refused:
    """Whoever reads its messages may have it, unless an account has it already: that is told only now.

    ``replaces``: the id of the one that goes in the same breath, so that nobody is without a number.
    """
    old = _at(services, session, kind, replaces) if replaces else None
    ticket = _place(services, visitor, session, kind, ticket_id)
    message_id = one_time_code.check(services, ticket, USAGE, typed)
    now = services.clock()
    identifier = Identifier(kind, ticket.address, ticket.country)
    with services.database.write() as connection:
        one_time_code.consume(connection, ticket, USAGE, message_id, now, used=True)
        if not accounts.add_identifier(connection, session.owner_id, identifier, now):
            return Refused(Reason.TAKEN)  # and the code is spent
        _note(connection, visitor, session, f"{kind}_added", identifier, now)
        if old:
            _take_place(connection, visitor, session, identifier, old, now)
    return Done()


def _take_place(
    connection: Connection, visitor: Visitor, session: Session, new: Identifier, old: Identifier, now: float
) -> None:
    accounts.by_id(connection, session.owner_id, lock=True)
    if old.is_primary:
        accounts.make_primary(connection, session.owner_id, new.kind, new.value)
    accounts.remove_identifier(connection, session.owner_id, old.kind, old.value)
    _note(connection, visitor, session, f"{old.kind}_removed", old, now)


def _note(connection: Connection, visitor: Visitor, session: Session, kind: str, about: Identifier, now: float) -> None:
    shown, place = masked_value(about), (visitor.address, visitor.device)
    events.add(connection, session.owner_id, kind, *place, now, value=about.value, shown=shown)


@explained
def send_again(services: Services, visitor: Visitor, session: Session, kind: str, ticket_id: str) -> Next | Refused:
    ticket = _place(services, visitor, session, kind, ticket_id)
    one_time_code.send_again(services, visitor, ticket, USAGE)
    return Next("code", ticket.id)


@explained
def make_main(services: Services, visitor: Visitor, session: Session, kind: str, place: int | str) -> Done | Refused:
    chosen = _at(services, session, kind, place)
    now = services.clock()
    with services.database.write() as connection:
        accounts.make_primary(connection, session.owner_id, kind, chosen.value)
        _note(connection, visitor, session, f"{kind}_main", chosen, now)
    return Done()


@explained
def remove(services: Services, visitor: Visitor, session: Session, kind: str, place: int | str) -> Done | Refused:
    """The last way in stays, and so does what the settings require."""
    chosen, now = _at(services, session, kind, place), services.clock()
    with services.database.write() as connection:
        entrant = accounts.by_id(connection, session.owner_id, lock=True)
        if entrant is None or not comes_back_without(services.settings(), entrant, kind):
            raise RefusedError(Reason.LAST_WAY)
        accounts.remove_identifier(connection, session.owner_id, kind, chosen.value)
        _note(connection, visitor, session, f"{kind}_removed", chosen, now)
    return Done()


def code_page(services: Services, visitor: Visitor, kind: str, ticket_id: str) -> Place | None:
    return place_of(services, one_time_code.find(services, visitor, ticket_id, kind))


def _check_allowed(services: Services, session: Session, kind: str) -> None:
    """Who still lacks something required may add it, whatever the account centre allows."""
    if permission(services, kind) != "edit" and not session.pending:
        raise RefusedError(Reason.SWITCHED_OFF)


def _place(services: Services, visitor: Visitor, session: Session, kind: str, ticket_id: str) -> Ticket:
    _check_allowed(services, session, kind)
    ticket = one_time_code.live(one_time_code.find(services, visitor, ticket_id, kind), services.clock())
    if ticket.account_id != session.owner_id:
        raise RefusedError(Reason.START_AGAIN)
    return ticket


def _at(services: Services, session: Session, kind: str, place: int | str) -> Identifier:
    """By its place in the list, or by its id."""
    _check_allowed(services, session, kind)
    for number, each in enumerate(_identifiers(services, session, kind)):
        if place in (number, id_of(session.owner_id, each)):
            return each
    raise RefusedError(Reason.START_AGAIN)


def _identifiers(services: Services, session: Session, kind: str) -> list[Identifier]:
    with services.database.read() as connection:
        return [each for each in accounts.identifiers(connection, session.owner_id) if each.kind == kind]
