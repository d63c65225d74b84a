"""The second step of signing in, after a ticket's first factor is proved.

  1. choose             which factors are there?                          -> the one used last | ways
     pass_by            none is due any more                              -> signed in | second_factor | refused
  2. check_totp         is this the code of an authenticator app?         -> signed in | refused
     send_code          to one of the account's numbers or addresses      -> code | refused
     send_again         another one, once the wait is over                -> code | refused
     check_code         is this that code?                                -> signed in | refused
     check_backup_code  is this one of the ten, not used yet?             -> signed in | refused
     check_password     where an account that was asleep asks for it      -> signed in | refused
     (a passkey: flows/passkeys.py)
  3. trust              this browser is not asked for a while             -> a secret for its cookie

Each factor has its own count of wrong tries: none locks another. Where the flow is not one that signs in, its own next
step follows instead.
"""

from __future__ import annotations

import logging

from flows import look_ups, one_time_code, second_step, sessions
from flows.outcomes import Next, Refused, SignedIn
from flows.place import Place, place_of
from flows.refusals import explained
from flows.second_step import SecondStep
from flows.services import Services, Visitor
from rules import backup_codes, emails, passwords, totp, tries
from rules.phones import masked
from rules.refusals import Reason, RefusedError
from rules.tokens import hash_token, is_id, new_id, new_token
from settings.keys import Use
from storage import accounts, events, factors, number_claims, sealing, trusted_browsers
from storage.accounts import EMAIL, PHONE, Identifier
from storage.database import Connection
from storage.factors import BACKUP_CODE, TOTP, Factor
from storage.tickets import Ticket
from storage.trusted_browsers import TrustedBrowser

FLOW, USAGE, PASSWORD = "mfa", "mfa_verification", "password"
KINDS = {"sms": PHONE, "email": EMAIL}  # of what a factor's code goes to
FACTORS = {kind: factor for factor, kind in KINDS.items()}
DAY = 86400
# What the shared count says of a number, said of a factor.
OF_A_FACTOR = {
    Reason.TOO_MANY_TRIES: Reason.TOO_MANY_APP_CODES,
    Reason.TRY_LATER: Reason.FACTOR_LATER,
    Reason.STOPPED: Reason.FACTOR_STOPPED,
}

log = logging.getLogger("doorcode.mfa")


@explained
def choose(services: Services, visitor: Visitor, ticket_id: str) -> SecondStep | Refused:
    return second_step.place(services, visitor, ticket_id)


@explained
def pass_by(services: Services, visitor: Visitor, ticket_id: str) -> SignedIn | Next | Refused:
    """For a ticket that came for a second factor, and whose factors were all switched off or removed since."""
    step = second_step.place(services, visitor, ticket_id)
    with services.database.write() as connection:
        accounts.hold(connection, step.entrant.id)  # before the ticket, as in finish
        return second_step.go_on(services, connection, visitor, step.ticket, step.entrant)


@explained
def check_totp(services: Services, visitor: Visitor, ticket_id: str, typed: str) -> SignedIn | Next | Refused:
    step, now = second_step.place_with(services, visitor, ticket_id, TOTP), services.clock()
    left = count(services, f"{step.ticket.id}:{TOTP}", TOTP, step.entrant.id)
    with services.database.write() as connection:
        if not accepts_code(services, connection, step.entrant.id, typed, now):
            raise RefusedError(Reason.WRONG_APP_CODE if left else Reason.TOO_MANY_APP_CODES, tries_left=left)
        tries.succeeded(connection, TOTP, step.entrant.id)
        return second_step.finish(services, connection, visitor, step, TOTP)


def count(services: Services, flow: str, factor: str, account_id: str) -> int:
    """Count a try of a factor, in a transaction of its own, and say how many are left. Raises RefusedError."""
    try:
        with services.database.write() as connection:
            return tries.count(connection, services.settings(), flow, factor, account_id, services.clock())
    except RefusedError as error:
        raise RefusedError(OF_A_FACTOR.get(Reason(error.reason), error.reason), error.wait) from error


def accepts_code(services: Services, connection: Connection, account_id: str, typed: str, now: float) -> bool:
    """Whether it is a new code of one of the account's apps. It is spent with this."""
    for app in factors.of_account(connection, account_id, TOTP):
        step = totp.step_of(_key(services, app), typed, now)
        if step is not None and factors.use_step(connection, app.id, step, now):
            return True
    return False


def _key(services: Services, app: Factor) -> str:
    """The app's key; one that fits nothing where ours does not open it any more, so that other factors still work."""
    try:
        return sealing.unseal(services.keys.all(Use.SEALING), app.secret, f"factors.{app.account_id}.{app.id}")
    except sealing.SealBrokenError:
        log.error("the key of an authenticator app cannot be opened with this DOORCODE_SECRET_KEY")
        return totp.new_key()


def reachable(services: Services, step: SecondStep, factor: str) -> list[tuple[int, str]]:
    """The numbers or addresses that codes can go to, masked, each with its place in the list."""
    hide = masked if factor == "sms" else emails.masked
    with services.database.read() as connection:
        return [(place, hide(each.value)) for place, each in enumerate(_reached(connection, step, factor))]


def _reached(connection: Connection, step: SecondStep, factor: str) -> list[Identifier]:
    """But for the one that was proved by a code already."""
    shown = step.ticket.address if step.ticket.proved_by == "code" else ""
    own = accounts.identifiers(connection, step.entrant.id)
    return [each for each in own if each.kind == KINDS[factor] and each.value != shown]


@explained
def send_code(services: Services, visitor: Visitor, ticket_id: str, factor: str, place: int) -> Next | Refused:
    """``factor``: sms or email."""
    step = second_step.place_with(services, visitor, ticket_id, factor)
    with services.database.read() as connection:
        found = _reached(connection, step, factor)
    if not 0 <= place < len(found):
        raise RefusedError(Reason.FACTOR_OFF)
    try:
        sent = one_time_code.send(
            services, visitor, found[place], flow=FLOW, usage=USAGE, parent_id=step.ticket.id,
            account_id=step.entrant.id,
        )  # fmt: skip
    except RefusedError as error:
        newest = one_time_code.find(services, visitor, "", FLOW) if error.reason is Reason.WAIT else None
        if not _is_this(newest, step, found[place]) or newest is None:
            raise
        sent = newest.id
    return Next("code", sent)


def _is_this(ticket: Ticket | None, step: SecondStep, to: Identifier) -> bool:
    """Whether a code for this very step has just been sent there."""
    return ticket is not None and (ticket.parent_id, ticket.address, ticket.proved_at) == (
        step.ticket.id,
        to.value,
        None,
    )


@explained
def check_code(services: Services, visitor: Visitor, ticket_id: str, typed: str) -> SignedIn | Next | Refused:
    ticket, step = _code_place(services, visitor, ticket_id)
    message_id = one_time_code.check(services, ticket, USAGE, typed)
    look_ups.check_card(services, ticket, USAGE, {*step.factors} - {FACTORS[ticket.kind]})
    with services.database.write() as connection:
        one_time_code.consume(connection, ticket, message_id, services.clock(), used=True)
        number_claims.drop(connection, ticket.address, step.entrant.id)
        return second_step.finish(services, connection, visitor, step, FACTORS[ticket.kind])


@explained
def send_again(services: Services, visitor: Visitor, ticket_id: str) -> Next | Refused:
    ticket, _step = _code_place(services, visitor, ticket_id)
    one_time_code.send_again(services, visitor, ticket, USAGE)
    return Next("code", ticket.id)


def code_page(services: Services, visitor: Visitor, ticket_id: str) -> tuple[Place | None, str]:
    """What there is to show of a code that was sent, and the ticket whose second step it is."""
    ticket = one_time_code.find(services, visitor, ticket_id, FLOW) if is_id(ticket_id) else None
    return place_of(services, ticket), (ticket.parent_id or "") if ticket else ""


def _code_place(services: Services, visitor: Visitor, ticket_id: str) -> tuple[Ticket, SecondStep]:
    """The code's ticket and the step that it is of, if its number is still the account's."""
    found = one_time_code.find(services, visitor, ticket_id, FLOW) if is_id(ticket_id) else None
    ticket = one_time_code.live(found, services.clock())
    step = second_step.place_with(services, visitor, ticket.parent_id or "", FACTORS[ticket.kind])
    with services.database.read() as connection:
        if accounts.owner(connection, ticket.kind, ticket.address) != step.entrant.id:
            raise RefusedError(Reason.FACTOR_OFF)
    return ticket, step


@explained
def check_backup_code(services: Services, visitor: Visitor, ticket_id: str, typed: str) -> SignedIn | Next | Refused:
    step, now = second_step.place_with(services, visitor, ticket_id, BACKUP_CODE), services.clock()
    left = count(services, f"{step.ticket.id}:{BACKUP_CODE}", BACKUP_CODE, step.entrant.id)
    with services.database.read() as connection:
        kept = factors.of_account(connection, step.entrant.id, BACKUP_CODE)
    secret = backup_codes.hashed(typed, kept[0].details["salt"]) if kept else ""
    with services.database.write() as connection:
        if not backup_codes.read(typed) or not factors.take_code(connection, step.entrant.id, secret):
            raise RefusedError(Reason.WRONG_BACKUP_CODE if left else Reason.TOO_MANY_APP_CODES, tries_left=left)
        tries.succeeded(connection, BACKUP_CODE, step.entrant.id)
        events.add(connection, step.entrant.id, "backup_code_used", visitor.address, visitor.device, now)
        return second_step.finish(services, connection, visitor, step, BACKUP_CODE)


@explained
def check_password(services: Services, visitor: Visitor, ticket_id: str, typed: str) -> SignedIn | Next | Refused:
    step = second_step.place_with(services, visitor, ticket_id, PASSWORD)
    left = count(services, f"{step.ticket.id}:{PASSWORD}", PASSWORD, step.entrant.id)
    if not passwords.is_right(step.entrant.password_hash, typed):
        raise RefusedError(Reason.WRONG_PASSWORD if left else Reason.TOO_MANY_APP_CODES, tries_left=left)
    fresh_hash = passwords.rehashed(step.entrant.password_hash, typed)
    with services.database.write() as connection:
        if not accounts.keep_password(connection, step.entrant, fresh_hash):
            raise RefusedError(Reason.WRONG_PASSWORD, tries_left=left)
        tries.succeeded(connection, PASSWORD, step.entrant.id)
        return second_step.finish(services, connection, visitor, step, PASSWORD)


def trust(services: Services, visitor: Visitor, signed_in: SignedIn) -> SignedIn | None:
    """The secret by which this browser is known from now on, and until when; None where browsers are not trusted."""
    days, now = services.settings().second_factors.trusted_days, services.clock()
    session = sessions.who(services, signed_in.token)
    if not days or session is None:
        return None
    token, expires_at = new_token(), now + days * DAY
    browser = TrustedBrowser(new_id(), session.owner_id, hash_token(token), visitor.device, now, expires_at)
    with services.database.write() as connection:
        trusted_browsers.add(connection, browser)
        events.add(connection, session.owner_id, "browser_trusted", visitor.address, visitor.device, now)
    return SignedIn(token, expires_at)
