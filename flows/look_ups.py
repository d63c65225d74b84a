"""What a provider knows of a number, asked for only where something hangs on it, and in no transaction.

line_of     of what kind a number is that a message would go to     -> a line of settings/lookups.py, "" for not known
doubted     of a code to a number: was its SIM card changed lately?  -> the ticket, marked where it was
check_card  the same of who is known already                         raises RefusedError
count       one more of today's, for who asks by themselves          -> whether there is one left

What was told is kept for a while, and asked for so many times a day and no more. Where it cannot be had, everything
goes on without it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from flows.services import Services
from rules import risk, tries
from rules.entrance import FORGOT_PASSWORD, beside_the_number, second_factors
from rules.exceptions import is_let_through
from rules.refusals import Reason, RefusedError
from rules.risk_reading import Asked
from settings.consistency import takes_new
from settings.console import Settings
from settings.guard import ON
from settings.lookups import LINE, SIM_SWAP
from storage import accounts, counters, guard_reports, look_ups
from storage.accounts import PHONE
from storage.counters import Raise
from storage.guard import Record
from storage.look_ups import LookUp
from storage.tickets import Ticket

log = logging.getLogger("doorcode.lookups")

HOUR, DAY = 3600, 86400
KEPT = {LINE: 30 * DAY, SIM_SWAP: HOUR}  # a line seldom changes; a card is changed just before it is misused
COUNTER = "lookups:day"
STRONGER = {"passkey", "totp", "email", "sms"}  # what the number alone cannot renew, as it can a password


def line_of(services: Services, asked: Asked, usage: str, address: str, browser: str) -> str:
    """``address`` is the visitor's whole one, ``browser`` the hash of its secret. Where strangers get no message, how
    long this takes would tell who is one: nobody is looked up."""
    settings, now = services.settings(), services.clock()
    if not settings.lookups.active or settings.guard.mode != ON or not _all_get_one(settings, usage):
        return ""
    if is_let_through(settings.exceptions, asked.number, address):
        return ""
    with services.database.read() as connection:
        found = guard_reports.records(connection, asked.keys.values())
        records = {key: found.get(key) or Record(key) for key in asked.keys.values()}
        solved = look_ups.has_pass(connection, browser, asked.number, now)
    if not risk.hangs_on_line(asked, records, now, solved=solved):
        return ""
    told = _told(services, asked.number, LINE)
    return told.line if told else ""


def _all_get_one(settings: Settings, usage: str) -> bool:
    return takes_new(settings, PHONE) and usage != FORGOT_PASSWORD


def doubted(services: Services, ticket: Ticket) -> Ticket:
    """Before a code that was typed right opens anything. Asked for where the account has something else to show, which
    nobody would ask for otherwise: whoever has a number's new card may not be who had the old one."""
    settings, now = services.settings(), services.clock()
    if ticket.kind != PHONE or not _asks_for_cards(settings):
        return ticket
    with services.database.read() as connection:
        entrant = accounts.by_identifier(connection, PHONE, ticket.address)
    proved = replace(ticket, proved_at=now, proved_by="code")
    if entrant is None or second_factors(settings, entrant, proved, now):
        return ticket
    if not STRONGER & {*beside_the_number(settings, entrant)}:
        return ticket
    return replace(ticket, doubted_at=now) if _is_changed(services, ticket.address) else ticket


def check_card(
    services: Services, ticket: Ticket, usage: str, others: Iterable[str], numbers: Sequence[str] = ()
) -> None:
    """Of a code that was typed right, in a second step or by who is signed in.

    ``others``: what they can show instead; ``numbers``: to which another code can go, each as good as its own card.
    Raises RefusedError where any of it is better than a number with a new card. It was no wrong try then.
    """
    better = bool(STRONGER & {*others})
    if ticket.kind != PHONE or not (better or numbers) or not _asks_for_cards(services.settings()):
        return
    if not _is_changed(services, ticket.address):
        return
    if better or not all(_is_changed(services, number) for number in numbers):
        with services.database.write() as connection:
            tries.give_back(connection, ticket.id, usage, ticket.address, services.clock())
        raise RefusedError(Reason.CHANGED_CARD)


def _is_changed(services: Services, number: str) -> bool:
    told = _told(services, number, SIM_SWAP)
    return bool(told and told.swapped)


def _told(services: Services, number: str, what: str) -> LookUp | None:
    now = services.clock()
    with services.database.read() as connection:
        kept = look_ups.find(connection, number, what, now)
    return kept or _ask(services, number, what, now)


def _ask(services: Services, number: str, what: str, now: float) -> LookUp | None:
    settings = services.settings()
    if not count(services, _most_of(services, what), now):
        log.warning("no look-up: the most of a day were asked for")
        return None
    name = settings.lookups.active
    found = services.look_up(name, settings.lookups.configurations[name], what, number)
    if not found.line and found.swapped is None:
        log.warning("no look-up: %s said %s", name, found.code or "nothing")
        return None
    told = LookUp(number, what, found.line, found.carrier, found.swapped, name, now, now + KEPT[what])
    with services.database.write() as connection:
        look_ups.keep(connection, told)
    return told


def count(services: Services, most: int, now: float) -> bool:
    """Whether one more may be asked for today; it is counted."""
    with services.database.write() as connection:
        return counters.raise_within(connection, Raise(COUNTER, DAY), most, now)


def _most_of(services: Services, what: str) -> int:
    """Numbers are anybody's to type: where changed cards are asked for, half is left for them, or whoever has a changed
    card could use all up first."""
    most = most_a_day(services)
    return most // 2 if what == LINE and _asks_for_cards(services.settings()) else most


def _asks_for_cards(settings: Settings) -> bool:
    active = settings.lookups.active
    return bool(active and settings.lookups.configurations[active].get("sim_swaps"))


def most_a_day(services: Services) -> int:
    """By their count and by their price."""
    guard = services.settings().guard
    if not guard.look_up_price:
        return guard.look_ups_day
    affordable = int(guard.look_ups_cap / guard.look_up_price + 1e-9)  # 0.3 at 0.1 each are three
    return min(guard.look_ups_day, affordable)
