"""What the console shows: what is spent, and numbers whose codes were stopped.

warnings        what an admin should know on every page
open_number     a number whose codes were stopped may get them again
"""

from __future__ import annotations

from dataclasses import dataclass

from flows.identifier import read_phone
from flows.outcomes import Done, Refused
from flows.refusals import explained
from flows.services import Services
from rules import limits, tries
from rules.phones import masked
from rules.risk_levels import CAP_NEAR
from settings.alarms import CONVERSION, DELIVERY
from settings.consistency import takes_new
from settings.console import Settings
from settings.sections import OFF
from settings.templates import WITH_CODE
from storage import alarms, audit, webhooks
from storage.alarms import RaisedAlarm
from storage.audit import Entry

WARN_AT = CAP_NEAR
SEEN = 300  # seconds; workers look once a minute


@dataclass(frozen=True)
class Warnings:
    """``caps``: (day or month, spent, cap) of those that are nearly or wholly used up; ``webhooks_off``: how many were
    switched off by themselves; ``possible_numbers``: strangers can have messages sent, in production, to numbers that
    may be nobody's; ``alarms``: of codes that do not come back and messages that fail, as long as it is so.
    """

    all_countries: bool
    possible_numbers: bool
    no_connector: bool
    no_email_connector: bool
    sms_off: bool
    no_country: bool
    test_numbers: int
    webhooks_off: int
    caps: tuple[tuple[str, float, float], ...]
    alarms: tuple[RaisedAlarm, ...]


def warnings(services: Services) -> Warnings:
    settings = services.settings()
    with services.database.read() as connection:
        spent = limits.spent(connection, settings, services.clock())
        raised = alarms.since(connection, services.clock() - SEEN)
        webhooks_off = webhooks.count_off_by_itself(connection)
    return Warnings(
        all_countries=settings.phones.all_countries,
        possible_numbers=(
            services.environment.production and settings.phones.allow_possible and takes_new(settings, "phone")
        ),
        no_connector=sends_codes(settings, "phone") and not settings.connectors.active,
        no_email_connector=sends_codes(settings, "email") and not settings.connectors.email,
        sms_off=sends_codes(settings, "phone") and not settings.guard.sms,
        no_country=not settings.phones.all_countries and not settings.phones.countries,
        test_numbers=len(settings.exceptions.test_numbers),
        webhooks_off=webhooks_off,
        caps=tuple(cap for cap in spent if cap[1] >= WARN_AT * cap[2]),
        alarms=tuple(alarm for alarm in raised if alarm.kind in (CONVERSION, DELIVERY)),
    )


def sends_codes(settings: Settings, kind: str) -> bool:
    """Whether codes to phones, or to e-mail addresses, are switched on."""
    by_sign_up = takes_new(settings, kind)
    methods = settings.sign_in.methods(kind) if settings.sign_in.enabled else []
    forgotten = "password" in methods and bool(getattr(settings.forgot_password, kind))
    second = kind == "phone" and settings.second_factors.policy != OFF and settings.second_factors.sms
    return by_sign_up or "code" in methods or forgotten or second


@explained
def open_number(services: Services, author: str, number: str, country: str) -> Done | Refused:
    phone = read_phone(services, number, country)
    with services.database.write() as connection:
        for usage in WITH_CODE:
            tries.succeeded(connection, usage, phone.e164)
        audit.add(connection, Entry(services.clock(), author, "number.opened", {"number": masked(phone.e164)}))
    return Done()
