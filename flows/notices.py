"""What the owner of an account is told at every number and address of it: that something changed. No code is in it.

tell   in the transaction of the change; the worker has to be woken after it
"""

from __future__ import annotations

import logging

from flows.one_time_code import CHANNELS, can_send
from flows.services import Services, Visitor
from rules import limits
from rules.exceptions import fixed_code, is_blocked
from rules.tokens import new_id
from storage import accounts, messages
from storage.accounts import EMAIL, PHONE, Identifier
from storage.database import Connection
from storage.messages import OutgoingMessage

log = logging.getLogger("doorcode.notices")

CONTACT_ADDED, CONTACT_LEFT = "notice_contact_added", "notice_contact_changed"
LIFE = 86400  # seconds; a notice that is a day late still helps


def tell(
    services: Services,
    connection: Connection,
    visitor: Visitor,
    account_id: str,
    usage: str,
    *,
    but: str = "",
    also: tuple[Identifier, ...] = (),
) -> int:
    """How many messages of ``usage`` (one of settings.templates.NOTICES) are on their way.

    ``but``: the address that the change was proved with; ``also``: those that have just left the account. Nobody waits
    for a notice, so a limit that is met, or a provider that is not there, keeps it back and never the change.
    """
    own = [each for each in accounts.identifiers(connection, account_id) if each.kind in (PHONE, EMAIL)]
    locale = getattr(accounts.by_id(connection, account_id), "locale", visitor.locale)
    reached = [each for each in (*own, *also) if each.value != but and can_send(services, each.kind)]
    return sum(_add(services, connection, visitor, each, usage, locale) for each in reached)


def _add(services: Services, connection: Connection, visitor: Visitor, to: Identifier, usage: str, locale: str) -> bool:
    settings, now = services.settings(), services.clock()
    recipient = limits.Recipient(to.kind, to.value, to.country, visitor.network, usage)
    if is_blocked(settings.exceptions, to.kind, to.value, "") or fixed_code(settings.exceptions, to.value):
        return False
    charges = limits.charge_notice(connection, settings, recipient, now)
    if charges is None:
        log.warning("a notice (%s) was not sent: a limit was met", usage)
        return False
    message = OutgoingMessage(
        id=new_id(),
        ticket_id=None,
        usage=usage,
        channel=CHANNELS[to.kind],
        recipient=to.value,
        country=to.country,
        locale=locale,
        digits=0,
        charges=charges,
        created_at=now,
        expires_at=now + LIFE,
    )
    messages.add(connection, message)
    return True
