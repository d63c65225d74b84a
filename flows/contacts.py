"""The numbers and e-mail addresses of one's own account. ``kind`` is phone or email, and names the flow's tickets too.

own            which are mine, the main one first
start          one more, or one in the place of another: which?   -> code | refused
prove          one of mine that somebody else has proved          -> code | refused
check_code     is this the code that we sent there?               -> done | refused
send_again     another code, once the wait is over                -> code | refused
make_main      the one that is used where one is enough           -> done | refused
remove         as long as a way in is left                        -> done | refused
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from flows import notices, one_time_code, recycled
from flows.first_step import send_code
from flows.identifier import id_of, read_identifier
from flows.outcomes import Done, Next, Refused
from flows.place import Place, place_of
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import recipients
from rules.entrance import comes_back_without, has_new_password
from rules.refusals import Reason, RefusedError
from settings.sections import AccountCentre
from storage import accounts, events, number_claims
from storage.accounts import PHONE, Identifier
from storage.database import Connection
from storage.sessions import Session
from storage.tickets import Ticket

USAGE = "bind_new_identifier"
MOST_EMAILS = 5
DAY = 86400
PERMISSIONS = {"phone": "phones", "email": "emails"}


@dataclass(frozen=True)
class Contact:
    """``id``: by which pages and programs name it, for its place in the list changes with what else one does.

    ``leaves_at``: when it may leave, because somebody else has proved it.
    """

    id: str
    value: str
    shown: str
    masked: str
    is_main: bool
    verified_at: float
    leaves_at: float | None = None


def permission(services: Services, kind: str) -> str:
    """off, read or edit, as the admin allows."""
    centre: AccountCentre = services.settings().account_centre
    return str(getattr(centre, PERMISSIONS[kind]))


def own(services: Services, session: Session, kind: str) -> list[Contact]:
    with services.database.read() as connection:
        claims = number_claims.of_account(connection, session.owner_id, services.clock())
    leaves = {each.value: each.release_at for each in claims}
    return [
        Contact(
            id_of(session.owner_id, each),
            each.value,
            recipients.shown(each.value),
            recipients.masked(each.value),
            each.is_primary,
            each.verified_at,
            leaves.get(each.value),
        )
        for each in _identifiers(services, session, kind)
    ]


@explained
def start(
    services: Services,
    visitor: Visitor,
    session: Session,
    kind: str,
    typed: str,
    country: str,
    replaced: str = "",
) -> Next | Refused:
    """``replaced``: the id of the one that goes when the new one is proved, and not before; "" for none."""
    _check_allowed(services, session, kind)
    old = _named(services, session, kind, replaced) if replaced else None
    identifier = read_identifier(services, typed, country, [kind])
    mine = _identifiers(services, session, kind)
    if identifier.value in [each.value for each in mine]:
        raise RefusedError(Reason.YOURS_ALREADY)
    if old is None and len(mine) >= _most(services, kind):
        raise RefusedError(Reason.TOO_MANY_CONTACTS)
    replaces = old.value if old else None
    return send_code(
        services, visitor, identifier, flow=kind, usage=USAGE, account_id=session.owner_id, replaces=replaces
    )


@explained
def prove(services: Services, visitor: Visitor, session: Session, kind: str, name: str) -> Next | Refused:
    own_one = _named(services, session, kind, name)
    return send_code(services, visitor, own_one, flow=kind, usage=USAGE, account_id=session.owner_id)


@explained
def check_code(
    services: Services,
    visitor: Visitor,
    session: Session,
    kind: str,
    ticket_id: str,
    typed: str,
) -> Done | Refused:
    """Whoever reads its messages may have it, unless an account has it already: that is told only now."""
    ticket = _place(services, visitor, session, kind, ticket_id)
    message_id = one_time_code.check(services, ticket, USAGE, typed)
    with services.database.write() as connection:
        one_time_code.consume(connection, ticket, message_id, services.clock(), used=True)
        entrant = accounts.by_id(connection, session.owner_id, lock=True)  # after the code, as where one signs in
        if entrant is None or has_new_password(entrant, ticket.created_at):
            raise RefusedError(Reason.START_AGAIN)
        outcome = _bind(services, connection, visitor, session, ticket)  # where it is a no, the code is spent as well
    services.wake_delivery()
    return outcome


def _bind(
    services: Services, connection: Connection, visitor: Visitor, session: Session, ticket: Ticket
) -> Done | Refused:
    """What was proved becomes the account's own, in the place of another one where it came for that."""
    mine, now = session.owner_id, services.clock()
    identifier = Identifier(ticket.kind, ticket.address, ticket.country)
    owner = accounts.owner(connection, ticket.kind, ticket.address)
    if owner == mine:
        number_claims.drop(connection, ticket.address, mine)
        _note(connection, visitor, mine, "kept", identifier, now)
        return Done()
    own = [each for each in accounts.identifiers(connection, mine) if each.kind == ticket.kind]
    old = next((each for each in own if each.value == ticket.replaces), None)
    if old is None and len(own) >= _most(services, ticket.kind):  # several were begun before the first was proved
        return Refused(Reason.TOO_MANY_CONTACTS)
    if owner and not recycled.hand_over(services, connection, visitor, identifier, owner):
        return _taken(connection, identifier, owner, services.clock())  # not earlier than the claim: 14 days, not 15
    if not accounts.add_identifier(connection, mine, identifier, now):
        return Refused(Reason.TAKEN)
    _note(connection, visitor, mine, "replaced" if old else "added", identifier, now)
    if old:
        if old.is_primary:
            accounts.make_primary(connection, mine, ticket.kind, identifier.value)
        accounts.remove_identifier(connection, mine, ticket.kind, old.value)
        notices.tell(services, connection, visitor, mine, notices.CONTACT_LEFT, but=identifier.value, also=(old,))
    elif not session.pending:  # whoever signs up just now adds what everybody has to
        notices.tell(services, connection, visitor, mine, notices.CONTACT_ADDED, but=identifier.value)
    return Done()


def _most(services: Services, kind: str) -> int:
    return services.settings().account_centre.most_phones if kind == PHONE else MOST_EMAILS


def _taken(connection: Connection, identifier: Identifier, owner: str, now: float) -> Refused:
    claim = number_claims.find(connection, identifier.value, owner, now)
    if claim is None:
        return Refused(Reason.TAKEN)
    return Refused(Reason.TAKEN_STILL, values={"days": max(1, math.ceil((claim.release_at - now) / DAY))})


def _note(
    connection: Connection, visitor: Visitor, account_id: str, what: str, identifier: Identifier, now: float
) -> None:
    kind, words = f"{identifier.kind}_{what}", recipients.masked(identifier.value)
    events.add(connection, account_id, kind, visitor.address, visitor.device, now, value=identifier.value, shown=words)


@explained
def send_again(services: Services, visitor: Visitor, session: Session, kind: str, ticket_id: str) -> Next | Refused:
    ticket = _place(services, visitor, session, kind, ticket_id)
    one_time_code.send_again(services, visitor, ticket, USAGE)
    return Next("code", ticket.id)


@explained
def make_main(services: Services, visitor: Visitor, session: Session, kind: str, name: str) -> Done | Refused:
    chosen = _named(services, session, kind, name)
    now = services.clock()
    with services.database.write() as connection:
        accounts.make_primary(connection, session.owner_id, kind, chosen.value)
        _note(connection, visitor, session.owner_id, "main", chosen, now)
    return Done()


@explained
def remove(services: Services, visitor: Visitor, session: Session, kind: str, name: str) -> Done | Refused:
    """The last way in stays, and so does what the settings require."""
    chosen, now = _named(services, session, kind, name), services.clock()
    with services.database.write() as connection:
        entrant = accounts.by_id(connection, session.owner_id, lock=True)
        if entrant is None or not comes_back_without(services.settings(), entrant, kind):
            raise RefusedError(Reason.LAST_WAY)
        accounts.remove_identifier(connection, session.owner_id, kind, chosen.value)
        number_claims.drop(connection, chosen.value, session.owner_id)
        _note(connection, visitor, session.owner_id, "removed", chosen, now)
        notices.tell(services, connection, visitor, session.owner_id, notices.CONTACT_LEFT, also=(chosen,))
    services.wake_delivery()
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


def _named(services: Services, session: Session, kind: str, name: str) -> Identifier:
    """By its id."""
    _check_allowed(services, session, kind)
    for each in _identifiers(services, session, kind):
        if name == id_of(session.owner_id, each):
            return each
    raise RefusedError(Reason.START_AGAIN)


def _identifiers(services: Services, session: Session, kind: str) -> list[Identifier]:
    with services.database.read() as connection:
        return [each for each in accounts.identifiers(connection, session.owner_id) if each.kind == kind]
