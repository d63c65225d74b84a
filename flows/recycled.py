"""A number that its operator has given to somebody new.

hand_over   somebody has proved a number of another account     -> it is free | its owner is told, and has some days
standing    how far the claim to a ticket's number is           -> claim | none
take        the proved number is mine, and its account is not   -> signed in to a new account | new_owner | refused

A code proves the number and nothing else: whoever gets a number gets nothing of the account that had it. That account
keeps its sessions, so that its owner can add another number, and keeps the number if it proves it meanwhile.
"""

from __future__ import annotations

from flows import entrance, notices, second_step
from flows.outcomes import Next, Refused, SignedIn
from flows.refusals import explained
from flows.second_step import SecondStep
from flows.services import Services, Visitor
from rules.phones import masked
from rules.refusals import Reason, RefusedError
from storage import accounts, events, number_claims
from storage.accounts import PHONE, Identifier
from storage.database import Connection
from storage.number_claims import Claim

DAY = 86400
OPEN_DAYS = 30  # for how long a number can be taken after its days; then its owner is told anew
CLAIMED = "notice_number_claimed"


def hand_over(services: Services, connection: Connection, visitor: Visitor, number: Identifier, owner_id: str) -> bool:
    """Whether the number has left ``owner_id``, in the transaction of who proved it. Else its owner is told, once."""
    days, now = services.settings().recycled_numbers.release_days, services.clock()
    owner = accounts.by_id(connection, owner_id)
    if not days or number.kind != PHONE or owner is None or owner.suspended_at:
        return False
    if number_claims.take(connection, number.value, owner_id, now):
        accounts.by_id(connection, owner_id, lock=True)
        accounts.remove_identifier(connection, owner_id, PHONE, number.value)
        events.add(connection, owner_id, "phone_released", "", "", now, value=number.value, shown=masked(number.value))
        notices.tell(services, connection, visitor, owner_id, notices.CONTACT_LEFT)
        return True
    if accounts.owner(connection, PHONE, number.value) != owner_id:
        return False  # somebody else was faster
    release_at = now + days * DAY
    if number_claims.add(connection, Claim(number.value, owner_id, now, release_at, release_at + OPEN_DAYS * DAY)):
        events.add(connection, owner_id, "phone_claimed", "", "", now, shown=masked(number.value))
        notices.tell(services, connection, visitor, owner_id, CLAIMED, but=number.value)
    return False


def is_offered(services: Services, step: SecondStep) -> bool:
    """Whether who cannot show more may have the number for an account of their own."""
    settings, ticket = services.settings(), step.ticket
    by_number = (ticket.proved_by, ticket.kind) == ("code", PHONE) and ticket.flow in second_step.ENTERS
    return by_number and settings.sign_up.enabled and settings.recycled_numbers.release_days > 0


@explained
def standing(services: Services, visitor: Visitor, ticket_id: str) -> Claim | Refused | None:
    step = _step(services, visitor, ticket_id)
    with services.database.read() as connection:
        return number_claims.find(connection, step.ticket.address, step.entrant.id, services.clock())


@explained
def take(services: Services, visitor: Visitor, ticket_id: str) -> SignedIn | Next | Refused:
    step = _step(services, visitor, ticket_id)
    ticket = step.ticket
    number = Identifier(PHONE, ticket.address, ticket.country)
    with services.database.write() as connection:
        is_free = hand_over(services, connection, visitor, number, step.entrant.id)
        outcome = entrance.open_or_enter(services, connection, visitor, ticket) if is_free else None
    services.wake_delivery()
    return outcome or Next("new_owner", ticket.id)


def _step(services: Services, visitor: Visitor, ticket_id: str) -> SecondStep:
    step = second_step.place(services, visitor, ticket_id)
    if not is_offered(services, step):
        raise RefusedError(Reason.SWITCHED_OFF)
    return step
