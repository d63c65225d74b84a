"""Where a visitor stands, as the code page tells it. Says nothing that would tell a stranger from a member."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flows.services import Services
from rules.emails import masked
from rules.phones import display
from storage.accounts import PHONE
from storage.receipts import DELIVERED, FAILED
from storage.tickets import SentCode, Ticket

# What a person is told of a message's state.
TOLD = {
    "queued": "queued",
    "sending": "queued",
    "accepted": "sent",
    "unknown": "unknown",
    "refused": "refused",
    "expired": "refused",
}
# What the provider reported later counts more.
REPORTED = {DELIVERED: "delivered", FAILED: "failed"}
# Where a stranger gets no message, nobody hears what became of theirs.
NEUTRAL = "neutral"


@dataclass(frozen=True)
class Place:
    """``address``: the number, in E.164, or the e-mail address; ``hint``: as much of it as tells its owner.

    ``resend_in``: seconds until another message may be asked for, 0 for now.
    """

    ticket: str
    kind: str
    address: str
    country: str
    hint: str
    live: bool
    proved: bool
    used: bool
    sent: bool
    minutes_left: int
    resend_in: int
    resent: bool
    length: int
    state: str
    refusal: str

    @property
    def shown(self) -> str:
        """A number as it is usually written."""
        return display(self.address) if self.kind == PHONE else self.address


def place_of(services: Services, ticket: Ticket | None, *, neutral: bool = False) -> Place | None:
    """``neutral``: nobody hears what became of the message, because strangers get none."""
    if ticket is None:
        return None
    settings, now = services.settings(), services.clock()
    newest = ticket.sent[0] if ticket.sent else None
    state = NEUTRAL if neutral else _told(newest)
    return Place(
        ticket=ticket.id,
        kind=ticket.kind,
        address=ticket.address,
        country=ticket.country,
        hint=ticket.address[-2:] if ticket.kind == PHONE else masked(ticket.address),
        live=ticket.proved_at is None and ticket.expires_at > now,
        proved=ticket.proved_at is not None,
        used=ticket.used_at is not None,
        sent=bool(ticket.sent),
        minutes_left=max(0, math.ceil((newest.expires_at - now) / 60)) if newest else 0,
        resend_in=0 if state == "refused" else max(0, math.ceil(ticket.resend_at - now)),
        resent=len(ticket.sent) > 1,
        length=newest.digits if newest else settings.codes.length,
        state=state,
        refusal=(newest.refusal or "") if newest and state == "refused" else "",
    )


def _told(newest: SentCode | None) -> str:
    if newest and newest.receipt in REPORTED:
        return REPORTED[newest.receipt]
    return TOLD.get(newest.state, NEUTRAL) if newest else NEUTRAL
