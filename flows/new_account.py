"""The last step of both ways in: an account for a proved number, or the one that it has."""

from __future__ import annotations

from flows import sessions
from flows.outcomes import SignedIn
from flows.services import Services, Visitor
from rules.tokens import new_id
from storage import accounts
from storage.database import Connection
from storage.tickets import Ticket


def open_or_enter(services: Services, connection: Connection, visitor: Visitor, ticket: Ticket) -> SignedIn:
    """Sign in to the number's account; make it first where there is none. All in the caller's transaction."""
    accounts.create_if_new(connection, new_id(), ticket.number, ticket.country, ticket.locale, services.clock())
    signed_in = sessions.begin_for_number(services, connection, visitor, ticket.number)
    assert signed_in, "the number has an account: it was made a line above"
    return signed_in
