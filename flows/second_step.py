"""The second step of a way in: what a proved ticket still needs, and what comes once it has it.

place    a ticket whose first step is done, with its account          raises RefusedError
finish   its second factor is shown                                   -> signed in | the next step of its flow
gone_on  where that is, for who comes back to it                      -> the next step | none
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flows import entrance, one_time_code
from flows.outcomes import Next, SignedIn
from flows.services import Services, Visitor
from rules.entrance import FORGOT_PASSWORD, INVITATION, second_factors
from rules.refusals import Reason, RefusedError
from rules.second_factors import in_order
from rules.tokens import is_id
from storage import accounts, events, tickets
from storage.accounts import Entrant
from storage.database import Connection
from storage.factors import BACKUP_CODE
from storage.tickets import Ticket

# Where each flow goes once the second factor is shown: into the account, or to a step of its own.
ENTERS = ("sign_in", "sign_up", "upstream", "linking", INVITATION)
GOES_ON = {FORGOT_PASSWORD: "new_password"}


@dataclass(frozen=True)
class SecondStep:
    """``factors``: those that can be shown now, the one used last first, then the strongest first."""

    ticket: Ticket
    entrant: Entrant
    factors: Sequence[str]
    last_used: str

    @property
    def is_doubted(self) -> bool:
        """Whether it is asked for because the number's SIM card was changed."""
        return self.ticket.doubted_at is not None

    @property
    def is_asleep(self) -> bool:
        """Whether what is asked for wakes an account, rather than that the policy wants it."""
        return bool({"password", "email"} & {*self.factors}) and not self.is_doubted

    @property
    def preferred(self) -> str:
        """The factor to ask for at once: the one used last, or the only one but for backup codes; else none."""
        strong = [factor for factor in self.factors if factor != BACKUP_CODE]
        return strong[0] if strong and (len(strong) == 1 or strong[0] == self.last_used) else ""


def find(services: Services, visitor: Visitor, ticket_id: str) -> Ticket | None:
    """The visitor's ticket, of whichever flow."""
    if not is_id(ticket_id):
        return None
    found = (one_time_code.find(services, visitor, ticket_id, flow) for flow in (*ENTERS, *GOES_ON))
    return next(filter(None, found), None)


def place(services: Services, visitor: Visitor, ticket_id: str) -> SecondStep:
    """Raises RefusedError where there is nothing to be shown to."""
    ticket = find(services, visitor, ticket_id)
    if ticket is None or ticket.proved_at is None or ticket.expires_at <= services.clock():
        raise RefusedError(Reason.START_AGAIN)
    if ticket.used_at or ticket.second_at:
        raise RefusedError(Reason.USED_CODE)
    with services.database.read() as connection:
        entrant = whose(connection, ticket)
        if entrant is None:
            raise RefusedError(Reason.START_AGAIN)
        last_used = _last_used(connection, entrant)
    if entrant.suspended_at:
        raise RefusedError(Reason.SUSPENDED)
    found = second_factors(services.settings(), entrant, ticket, services.clock())
    return SecondStep(ticket, entrant, in_order(found, last_used), last_used)


def gone_on(services: Services, visitor: Visitor, ticket_id: str) -> Next | None:
    """The step after the second one, where it is shown already and its flow has such a step still before it."""
    ticket = find(services, visitor, ticket_id)
    if ticket is None or ticket.flow not in GOES_ON or not ticket.second_at or ticket.used_at:
        return None
    return Next(GOES_ON[ticket.flow], ticket.id)


def place_with(services: Services, visitor: Visitor, ticket_id: str, factor: str) -> SecondStep:
    """The same, if this factor can be shown now: settings may have changed since the page was opened."""
    step = place(services, visitor, ticket_id)
    if factor not in step.factors:
        raise RefusedError(Reason.FACTOR_OFF)
    return step


def whose(connection: Connection, ticket: Ticket) -> Entrant | None:
    if ticket.account_id:
        return accounts.by_id(connection, ticket.account_id)
    return accounts.by_identifier(connection, ticket.kind, ticket.address)


def finish(services: Services, connection: Connection, visitor: Visitor, step: SecondStep, by: str) -> SignedIn | Next:
    """In the transaction that spends what was shown. Raises RefusedError where somebody was faster."""
    now, ticket = services.clock(), step.ticket
    accounts.hold(connection, step.entrant.id)  # before the ticket, as who has a new password ends those
    if not tickets.show_second(connection, ticket.id, by, now):
        raise RefusedError(Reason.USED_CODE)
    return go_on(services, connection, visitor, replace(ticket, second_at=now, second_by=by), step.entrant)


def go_on(
    services: Services, connection: Connection, visitor: Visitor, ticket: Ticket, entrant: Entrant
) -> SignedIn | Next:
    """In, or on with the ticket's flow; or to the second factor, where one is still due.

    A trusted browser spares it at signing in only: a stolen one must not change a password.
    """
    if ticket.flow in ENTERS:
        return entrance.admit(services, connection, visitor, ticket, entrant)
    if ticket.second_at is None and second_factors(services.settings(), entrant, ticket, services.clock()):
        return Next("second_factor", ticket.id)
    return Next(GOES_ON[ticket.flow], ticket.id)


def _last_used(connection: Connection, entrant: Entrant) -> str:
    """The second factor of the newest sign-in that had one, as far as events go back."""
    shown = (each.details.get("by", []) for each in events.newest(connection, entrant.id, most=20))
    return next((by[-1] for by in shown if len(by) > 1), "")
