"""The first step that flows share: a typed number is read, and its first message sent."""

from __future__ import annotations

from flows import one_time_code
from flows.outcomes import Next
from flows.services import Services, Visitor
from rules import phones
from rules.phones import Phone, PhonePolicy, PhoneProblem
from rules.refusals import Reason, RefusedError


def read_phone(services: Services, typed: str, country: str) -> Phone:
    """Raises RefusedError with one of :class:`rules.phones.PhoneReason`."""
    settings = services.settings().phones
    policy = PhonePolicy(
        countries=settings.countries,
        all_countries=settings.all_countries,
        allow_possible=settings.allow_possible,
        allow_fixed_line=settings.allow_fixed_line,
        allow_voip=settings.allow_voip,
    )
    phone = phones.read(typed, country, policy)
    if isinstance(phone, PhoneProblem):
        raise RefusedError(phone.reason, country=phone.country, hint=phone.hint)
    return phone


def begin(services: Services, visitor: Visitor, phone: Phone, *, flow: str, usage: str, withheld: bool = False) -> Next:
    """Send the first code. Where it was just sent, to this browser and number, go on with that one instead."""
    try:
        return Next("code", one_time_code.send(services, visitor, phone, flow=flow, usage=usage, withheld=withheld))
    except RefusedError as error:
        ticket = one_time_code.find(services, visitor, "", flow) if error.reason is Reason.WAIT else None
        if ticket is None or ticket.number != phone.e164 or ticket.proved_at or ticket.expires_at <= services.clock():
            raise
        return Next("code", ticket.id)
