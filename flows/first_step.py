"""The first step that flows share: a ticket for what was typed, with a code on its way or without."""

from __future__ import annotations

from flows import one_time_code
from flows.outcomes import Next
from flows.services import Services, Visitor
from rules.refusals import Reason, RefusedError
from storage.accounts import Identifier


def send_code(
    services: Services,
    visitor: Visitor,
    identifier: Identifier,
    *,
    flow: str,
    usage: str,
    withheld: bool = False,
    account_id: str | None = None,
    replaces: str | None = None,
    parent_id: str | None = None,
    details: str = "",
) -> Next:
    """Send the first code. Where it was just sent, to this browser and address, go on with that one instead."""
    try:
        ticket_id = one_time_code.send(
            services,
            visitor,
            identifier,
            flow=flow,
            usage=usage,
            withheld=withheld,
            account_id=account_id,
            replaces=replaces,
            parent_id=parent_id,
            details=details,
        )
        return Next("code", ticket_id)
    except RefusedError as error:
        ticket = one_time_code.find(services, visitor, "", flow) if error.reason is Reason.WAIT else None
        if ticket is None or ticket.proved_at:
            raise
        if (ticket.address, ticket.replaces, ticket.parent_id) != (identifier.value, replaces, parent_id):
            raise
        if ticket.expires_at <= services.clock() or not ticket.sent:
            raise
        return Next("code", ticket.id)
