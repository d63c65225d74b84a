"""An invitation goes out: limits and guard are asked, and it is written together with its message.

secret   of the link that a message carries: derived like a code, so that neither the outbox nor the database holds it
send     a new invitation, or one more message for it. Raises RefusedError, and the transaction must then roll back
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass

from rules import guarding, limits
from rules.exceptions import fixed_code, is_blocked
from rules.refusals import Reason, RefusedError
from rules.risk_reading import Asked
from rules.tokens import hash_token, new_id
from settings.console import Settings
from storage import invitations, messages
from storage.accounts import EMAIL, PHONE
from storage.database import Connection
from storage.invitations import Invitation
from storage.messages import OutgoingMessage

USAGE = "organization_invitation"
CHANNELS = {PHONE: "sms", EMAIL: "email"}
MOST_TIMES = 5  # that one invitation is sent
MESSAGE_LIFE = 86400  # seconds in which its message may leave


@dataclass(frozen=True)
class Asking:
    """Who asks for it: ``network`` and ``browser`` are "" where a file does; ``address``: the whole one."""

    network: str = ""
    address: str = ""
    browser: str = ""


def secret(key: bytes, message_id: str) -> str:
    """128 bits, in 22 letters and digits."""
    return base64.urlsafe_b64encode(hmac.digest(key, message_id.encode(), "sha256")[:16]).rstrip(b"=").decode()


def send(
    connection: Connection,
    settings: Settings,
    key: bytes,
    asking: Asking,
    invitation: Invitation,
    organization: str,
    now: float,
) -> None:
    """A new one where there is none of this id: raises ALREADY_INVITED where another one to this address is open.

    ``organization``: its name, for the message.
    """
    _check(settings, asking, invitation)
    if not invitation.times and invitations.is_open(connection, invitation, now):
        raise RefusedError(Reason.ALREADY_INVITED)
    to = limits.Recipient(invitation.kind, invitation.address, invitation.country, asking.network, USAGE)
    fixed = fixed_code(settings.exceptions, invitation.address)
    charged = _charge(connection, settings, to, now)
    if invitation.kind == PHONE and not fixed:  # of a file nobody knows the address: the number is held against itself
        asked = Asked(invitation.address, invitation.country, asking.network or invitation.address, "")
        browser = hash_token(asking.browser)
        guarding.admit(connection, settings, asked, asking.address, browser, now, cap=charged.cap)
        if guarding.is_counted(settings, asked):
            guarding.sent(connection, {(asked.country, asked.application, now): 1})
    message = _message(invitation, organization, charged.charges, now, withheld=fixed is not None)
    if not invitations.sent(connection, invitation, message.id, now, most=MOST_TIMES):
        raise RefusedError(Reason.ALREADY_INVITED if not invitation.times else Reason.INVITATION_OVER)
    invitations.add_link(connection, hash_token(secret(key, message.id)), invitation.id)
    messages.add(connection, message)


def _message(
    invitation: Invitation, organization: str, charges: Sequence[tuple[str, int, int]], now: float, *, withheld: bool
) -> OutgoingMessage:
    return OutgoingMessage(
        id=new_id(),
        ticket_id=None,
        usage=USAGE,
        channel=CHANNELS[invitation.kind],
        recipient=invitation.address,
        country=invitation.country,
        locale=invitation.locale,
        digits=0,
        charges=charges,
        created_at=now,
        expires_at=min(now + MESSAGE_LIFE, invitation.expires_at),
        withheld=withheld,
        details=json.dumps({"organization": organization}),
    )


def _charge(connection: Connection, settings: Settings, to: limits.Recipient, now: float) -> limits.Charged:
    try:
        return limits.charge(connection, settings, to, now)
    except RefusedError as error:
        if error.reason is Reason.WAIT:
            raise RefusedError(Reason.INVITED_JUST_NOW, error.wait) from error
        raise


def _check(settings: Settings, asking: Asking, invitation: Invitation) -> None:
    channel = CHANNELS[invitation.kind]
    if not settings.connectors.can_carry(channel) or (channel == "sms" and not settings.guard.sms):
        raise RefusedError(Reason.NOT_SET_UP)
    if is_blocked(settings.exceptions, invitation.kind, invitation.address, asking.address):
        raise RefusedError(Reason.BLOCKED)
    if invitation.times >= MOST_TIMES:
        raise RefusedError(Reason.INVITED_ENOUGH)
