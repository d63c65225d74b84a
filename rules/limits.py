"""How many messages may be sent: to a number, a block, a country, for an address, and for how much money.

All are counted in one statement before the message is written, in the same transaction: over any of them, nothing is
sent and nothing was counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rules.refusals import Reason, RefusedError
from settings.console import Settings
from storage import counters
from storage.counters import Raise, Reading
from storage.database import Connection

MINUTE, HOUR, DAY, MONTH = 60, 3600, 86400, 30 * 86400
TESTS_MINUTE = 5  # of connectors, by one admin or program
MONEY_UNIT = 10_000  # counters are whole numbers: ten-thousandths of the currency's unit


@dataclass(frozen=True)
class Recipient:
    """Who would get a message, who asks for it (``address``: from :func:`rules.addresses.limit_key`; "" where nobody
    knows), and why.

    ``kind``: phone or email, with the number in E.164 or the address as ``value``. ``paid`` False: nothing will be
    sent; the caps hold for it as for any other, and it uses nothing up.
    """

    kind: str
    value: str
    country: str
    address: str
    purpose: str
    paid: bool = True

    @property
    def mailbox(self) -> str:
        """What fills up: the number, or the address without what stands after a + in it, which anybody can vary."""
        local, at, domain = self.value.rpartition("@")
        return (local.partition("+")[0] or local) + at + domain if at else self.value

    @property
    def block(self) -> str:
        """What a number's neighbours share: all but its last four digits."""
        return self.value[:-4]


@dataclass(frozen=True)
class Limit:
    raised: Raise
    most: int
    reason: Reason


class LimitMetError(RefusedError):
    """``key``: of the counter; ``name``: recipient, address, block, country or money. Neither is told to a person."""

    def __init__(self, limit: Limit, wait: int) -> None:
        super().__init__(limit.reason, wait)
        self.key = limit.raised.key
        self.name = self.key.partition(":")[0].replace("number", "recipient")


@dataclass(frozen=True)
class Charged:
    """What was counted, to be given back if the message is not sent, and when another may be asked for. ``cap``: of
    the money of a day or a month what is used up most (money:day, money:month), and how much, from 0 to 1."""

    charges: tuple[tuple[str, int, int], ...]
    next_at: float
    cap: tuple[str, float] = ("", 0.0)


def charge(connection: Connection, settings: Settings, to: Recipient, now: float) -> Charged:
    """Count one more message. Raises RefusedError with the seconds to wait; the transaction must then roll back."""
    wait = Raise(f"wait:{to.purpose}:{to.value}", HOUR)
    limits = _limits(settings, to)
    raises = [wait, *(limit.raised for limit in limits)]
    readings = counters.raise_all(connection, raises, now)
    waits = [int(seconds) for seconds in settings.limits.resend_waits]
    next_at = _check_wait(readings[wait.key], waits, now)
    _check_limits(limits, readings, now)
    charges = tuple((r.key, r.period(now), r.amount) for r in raises)
    return Charged(charges, next_at, _nearest_cap(settings, limits, readings, now))


def charge_notice(
    connection: Connection, settings: Settings, to: Recipient, now: float
) -> tuple[tuple[str, int, int], ...] | None:
    """Count a message that nobody asked for. None, and nothing is counted, where a limit is met.

    It has a count of its own, so that whoever asks for many codes keeps no notice back; there is no wait.
    """
    daily = Limit(Raise(f"notice:{to.value}", DAY), settings.limits.number_day, Reason.TOO_MANY_MESSAGES)
    limits = [daily, *(_paid(settings, to) if to.kind == "phone" else [])]
    readings = counters.raise_all(connection, [limit.raised for limit in limits], now)
    charges = tuple((r.key, r.period(now), r.amount) for r in (limit.raised for limit in limits))
    if all(_seconds_until_below(readings[limit.raised.key], limit, now) <= 0 for limit in limits):
        return charges
    counters.lower_all(connection, charges, now)
    return None


def charge_test(
    connection: Connection, settings: Settings, to: Recipient, who: str, now: float
) -> tuple[tuple[str, int, int], ...]:
    """Count a test message of an admin or a program (``who``): a few a minute, its country's messages and its money.
    The last two are told, to be given back if it is not sent.

    Raises RefusedError with the seconds to wait; the transaction must then roll back.
    """
    often = Limit(Raise(f"test:{who}", MINUTE), TESTS_MINUTE, Reason.TOO_MANY_TESTS)
    paid = _paid(settings, to) if to.kind == "phone" else []
    limits = [often, *paid]
    _check_limits(limits, counters.raise_all(connection, [limit.raised for limit in limits], now), now)
    return tuple((limit.raised.key, limit.raised.period(now), limit.raised.amount) for limit in paid)


def _limits(settings: Settings, to: Recipient) -> list[Limit]:
    limits = settings.limits
    everywhere = [
        Limit(Raise(f"number:hour:{to.mailbox}", HOUR), limits.number_hour, Reason.TOO_MANY_MESSAGES),
        Limit(Raise(f"number:day:{to.mailbox}", DAY), limits.number_day, Reason.TOO_MANY_MESSAGES),
    ]
    if to.address:
        address = Raise(f"address:{to.address}", HOUR)
        everywhere.append(Limit(address, limits.address_hour, Reason.TOO_MANY_MESSAGES))
    if to.kind != "phone":  # costs nothing, and neighbours are no sign of fraud
        return everywhere
    block = Limit(Raise(f"block:{to.block}", HOUR), limits.block_hour, Reason.TOO_MANY_MESSAGES)
    return [*everywhere, block, *_paid(settings, to)]


def _paid(settings: Settings, to: Recipient) -> list[Limit]:
    limits, money = settings.limits, settings.money
    price = round(money.price * MONEY_UNIT)
    raised, kept = (price, 0) if to.paid else (0, price)  # what nobody pays meets a cap just where others do
    day, month = (round(cap * MONEY_UNIT) - kept for cap in (money.day_cap, money.month_cap))
    return [
        Limit(Raise(f"country:{to.country}", DAY), limits.country_day, Reason.NO_MESSAGES_NOW),
        Limit(Raise("money:day", DAY, raised), day, Reason.NO_MESSAGES_NOW),
        Limit(Raise("money:month", MONTH, raised), month, Reason.NO_MESSAGES_NOW),
    ]


def _nearest_cap(
    settings: Settings, limits: list[Limit], readings: Mapping[str, Reading], now: float
) -> tuple[str, float]:
    """The cap of which most was used up before this message, and how much."""
    caps = {"money:day": settings.money.day_cap * MONEY_UNIT, "money:month": settings.money.month_cap * MONEY_UNIT}
    paid = [(limit.raised.key, limit) for limit in limits if caps.get(limit.raised.key)]
    used = [(key, (_used(readings[key], limit, now) - limit.raised.amount) / caps[key]) for key, limit in paid]
    return max(used, key=lambda each: each[1], default=("", 0.0))


def _used(reading: Reading, limit: Limit, now: float) -> float:
    span = limit.raised.span or DAY
    return reading.current + reading.previous * (1 - now % span / span)


def _check_wait(reading: Reading, waits: list[int], now: float) -> float:
    """The first message waits for nothing, the second for the first wait after it, and so on; the last wait stays."""
    sent = reading.current + reading.previous
    since = waits[min(sent - 2, len(waits) - 1)] if sent > 1 else 0
    left = min(reading.before_at + since - now, since)  # a clock that was set back costs one wait at most
    if left > 0:
        raise RefusedError(Reason.WAIT, math.ceil(left))
    return now + waits[min(sent - 1, len(waits) - 1)]


def _check_limits(limits: list[Limit], readings: Mapping[str, Reading], now: float) -> None:
    """Where several limits are met, the longest wait counts."""
    waits = [_seconds_until_below(readings[limit.raised.key], limit, now) for limit in limits]
    left = max(waits)
    if left > 0:
        raise LimitMetError(limits[waits.index(left)], math.ceil(left))


def _seconds_until_below(reading: Reading, limit: Limit, now: float) -> float:
    """How long until this raise would fit: the period before loses weight evenly, and in the next one ours does."""
    span = limit.raised.span or DAY
    gone = now % span / span
    if _used(reading, limit, now) <= limit.most:
        return 0.0
    if reading.current <= limit.most:
        return (1 - (limit.most - reading.current) / reading.previous - gone) * span
    beyond = max(0.0, 1 - (limit.most - limit.raised.amount) / (reading.current - limit.raised.amount or 1))
    return (1 - gone + min(beyond, 1.0)) * span


def spent(connection: Connection, settings: Settings, now: float) -> list[tuple[str, float, float]]:
    """(name of the cap, spent, cap) of the day and of the month, in the currency's unit."""
    caps = [("day", DAY, settings.money.day_cap), ("month", MONTH, settings.money.month_cap)]
    found = []
    for name, span, cap in caps:
        current, previous = counters.read_period(connection, f"money:{name}", span, now)
        found.append((name, (current + previous * (1 - now % span / span)) / MONEY_UNIT, cap))
    return found
