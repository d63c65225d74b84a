"""Sign in with a phone number, an e-mail address or a username, and a code or a password.

  1. start            who are you?                               -> code | password | refused
     use_password     a password instead of the code             -> password | refused
  2. check_code       is this a code that we sent?               -> signed in | second_factor | create_account | refused
     check_password   is this the account's password?            -> signed in | second_factor | refused
  3. send_again       another code, once the wait is over        -> code | refused
     use_code         a code instead of the password             -> code | refused
  4. create_account   it is proved but has no account            -> signed in | refused

Who has no account gets the same pages and the same message, or where sign-up is off no message and the same pages: who
has an account is told to nobody but the owner of the number or address.
"""

from __future__ import annotations

from dataclasses import replace

from flows import entrance, look_ups, one_time_code, upstream
from flows.first_step import send_code
from flows.identifier import read_identifier
from flows.outcomes import Next, Refused, SignedIn
from flows.place import Place, place_of
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import passwords, tries
from rules.refusals import Reason, RefusedError
from settings.consistency import takes_new
from settings.sections import SignIn
from storage import accounts, tickets
from storage.tickets import Ticket

FLOW = USAGE = "sign_in"


@explained
def start(services: Services, visitor: Visitor, typed: str, country: str) -> Next | Refused:
    settings = _switched_on(services)
    identifier = read_identifier(services, typed, country, settings.kinds())
    methods = settings.methods(identifier.kind)
    if methods[0] == "password" or ("password" in methods and not one_time_code.can_send(services, identifier.kind)):
        return Next("password", one_time_code.begin(services, visitor, identifier, flow=FLOW))
    withheld = _is_withheld(services, identifier.kind, identifier.value)
    try:
        return send_code(services, visitor, identifier, flow=FLOW, usage=USAGE, withheld=withheld)
    except RefusedError as error:
        if error.reason is not Reason.NOT_TO_STRANGERS or "password" not in methods:
            raise
    return Next("password", one_time_code.begin(services, visitor, identifier, flow=FLOW))


@explained
def use_password(services: Services, visitor: Visitor, typed: str, country: str) -> Next | Refused:
    """The password's page, instead of what a code would ask for first."""
    settings = _switched_on(services)
    identifier = read_identifier(services, typed, country, settings.kinds())
    if "password" not in settings.methods(identifier.kind):
        raise RefusedError(Reason.SWITCHED_OFF)
    return Next("password", one_time_code.begin(services, visitor, identifier, flow=FLOW))


@explained
def check_code(services: Services, visitor: Visitor, ticket_id: str, typed: str) -> Next | SignedIn | Refused:
    ticket = _place_with(services, visitor, ticket_id, "code")
    message_id = one_time_code.check(services, ticket, USAGE, typed)
    ticket = look_ups.doubted(services, ticket)
    now = services.clock()
    with services.database.write() as connection:
        entrant = accounts.by_identifier(connection, ticket.kind, ticket.address)
        proved = replace(ticket, proved_at=now, proved_by="code")
        due = entrant is not None and entrance.second_factor_due(services, connection, visitor, proved, entrant)
        enters = entrant is not None and not due
        one_time_code.consume(connection, ticket, message_id, now, used=enters)
        if entrant and enters:
            return entrance.enter_with(services, connection, visitor, entrant, proved)
    if due:
        return Next("second_factor", ticket.id)
    return _new(services, ticket)


@explained
def check_password(services: Services, visitor: Visitor, ticket_id: str, typed: str) -> Next | SignedIn | Refused:
    ticket = _place_with(services, visitor, ticket_id, "password")
    settings, now = services.settings(), services.clock()
    with services.database.write() as connection:  # of its own: whatever fails later, the try stays counted
        left = tries.count(connection, settings, ticket.id, "password", ticket.address, now)
    with services.database.read() as connection:
        entrant = accounts.by_identifier(connection, ticket.kind, ticket.address)
    if not passwords.is_right(entrant.password_hash if entrant else None, typed) or entrant is None:
        raise RefusedError(Reason.WRONG_PASSWORD if left else Reason.TOO_MANY_PASSWORDS, tries_left=left)
    fresh_hash = passwords.rehashed(entrant.password_hash, typed)
    with services.database.write() as connection:
        if not accounts.keep_password(connection, entrant, fresh_hash):
            raise RefusedError(Reason.WRONG_PASSWORD, tries_left=left)
        proved = replace(ticket, proved_at=now, proved_by="password")
        due = entrance.second_factor_due(services, connection, visitor, proved, entrant)
        if not tickets.prove(connection, ticket.id, now, used=not due, by="password", account_id=entrant.id):
            raise RefusedError(Reason.USED_CODE)
        tries.succeeded(connection, "password", ticket.address)
        if not due:
            return entrance.enter_with(services, connection, visitor, entrant, proved)
    return Next("second_factor", ticket.id)


@explained
def send_again(services: Services, visitor: Visitor, ticket_id: str) -> Next | Refused:
    """Also the first code of a ticket that began with the password."""
    ticket = _place_with(services, visitor, ticket_id, "code")
    withheld = _is_withheld(services, ticket.kind, ticket.address)
    one_time_code.send_again(services, visitor, ticket, USAGE, withheld=withheld)
    return Next("code", ticket.id)


@explained
def use_code(services: Services, visitor: Visitor, ticket_id: str) -> Next | Refused:
    """The code's page, with a code on its way unless one has been sent."""
    ticket = _place_with(services, visitor, ticket_id, "code")
    if any(sent.expires_at > services.clock() for sent in ticket.sent):
        return Next("code", ticket.id)
    return send_again(services, visitor, ticket_id)


@explained
def standing(services: Services, visitor: Visitor, ticket_id: str) -> Next | Refused:
    """Where a proved ticket goes on: create_account, or second_factor where there is an account."""
    ticket = one_time_code.find(services, visitor, ticket_id, FLOW)
    if ticket is None or ticket.proved_at is None or ticket.used_at or ticket.expires_at <= services.clock():
        raise RefusedError(Reason.START_AGAIN)
    with services.database.read() as connection:
        is_known = accounts.owner(connection, ticket.kind, ticket.address) is not None
    if is_known or ticket.account_id:
        return Next("second_factor", ticket.id)
    return _new(services, ticket)


def _new(services: Services, ticket: Ticket) -> Next:
    """For what is proved and has no account. Raises RefusedError where nobody signs up with such."""
    if not takes_new(services.settings(), ticket.kind):
        raise RefusedError(Reason.START_AGAIN)
    return Next("create_account", ticket.id)


@explained
def create_account(services: Services, visitor: Visitor, ticket_id: str) -> SignedIn | Next | Refused:
    ticket = _proved_place(services, visitor, ticket_id)
    _new(services, ticket)
    with services.database.write() as connection:
        return entrance.open_or_enter(services, connection, visitor, ticket)


def place(services: Services, visitor: Visitor, ticket_id: str) -> Ticket:
    """Where the visitor is, if something can still be typed there. Raises RefusedError."""
    return one_time_code.live(one_time_code.find(services, visitor, ticket_id, FLOW), services.clock())


def code_page(services: Services, visitor: Visitor, ticket_id: str) -> Place | None:
    """What there is to show of a ticket, also of one that is over."""
    ticket = one_time_code.find(services, visitor, ticket_id, FLOW)
    neutral = ticket is not None and not takes_new(services.settings(), ticket.kind)
    return place_of(services, ticket, neutral=neutral)


def kinds(services: Services) -> list[str]:
    """What can be typed to begin."""
    return services.sign_in().kinds() or ["phone"]


def is_open(services: Services) -> bool:
    settings = services.sign_in()
    return settings.enabled and (settings.passkey or bool(settings.kinds() or upstream.offers(services)))


def can_begin(services: Services) -> bool:
    """Whether there is a way in that needs no message, or one can be sent."""
    sign_in = services.sign_in()
    return any(
        "password" in sign_in.methods(kind) or one_time_code.can_send(services, kind) for kind in kinds(services)
    )


def code_first(services: Services) -> bool:
    """Whether whatever is typed first gets a code."""
    return all(services.sign_in().methods(kind)[:1] == ["code"] for kind in kinds(services))


def methods(services: Services, kind: str) -> list[str]:
    """How an identifier of this kind signs in today."""
    return services.sign_in().methods(kind)


def _switched_on(services: Services) -> SignIn:
    settings = services.sign_in()
    if not settings.enabled or not settings.kinds():
        raise RefusedError(Reason.SWITCHED_OFF)
    return settings


def _place_with(services: Services, visitor: Visitor, ticket_id: str, method: str) -> Ticket:
    """The visitor's place, if what they are about to do is still switched on for it."""
    settings = _switched_on(services)
    ticket = place(services, visitor, ticket_id)
    if method not in settings.methods(ticket.kind):
        raise RefusedError(Reason.START_AGAIN)
    return ticket


def _is_withheld(services: Services, kind: str, value: str) -> bool:
    """Where nobody could come in with it, no message is sent."""
    if takes_new(services.settings(), kind):
        return False
    with services.database.read() as connection:
        return accounts.owner(connection, kind, value) is None


def _proved_place(services: Services, visitor: Visitor, ticket_id: str) -> Ticket:
    """Where the visitor is, if it is proved by a code and that is not spent."""
    ticket = one_time_code.find(services, visitor, ticket_id, FLOW)
    if ticket is None or ticket.proved_by != "code" or ticket.used_at or ticket.expires_at <= services.clock():
        raise RefusedError(Reason.START_AGAIN)
    return ticket
