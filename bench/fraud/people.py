"""Made-up people: who asks for a code, from where, and what becomes of it. Always the same for the same seed."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Request:
    """``proves``: seconds until its code is typed, None for never; ``solves``: whether it gets past a challenge."""

    at: float
    address: str
    phone: str
    proves: float | None = None
    solves: bool = True
    attacks: bool = False


@dataclass(frozen=True)
class Market:
    """``share`` of the people; ``carriers``: addresses that many share; ``sharing``: the share of people behind one."""

    share: float
    carriers: int
    sharing: float


MARKETS = {
    "DE": Market(0.31, 80, 0.25),
    "ID": Market(0.22, 14, 0.7),
    "ES": Market(0.16, 40, 0.3),
    "EG": Market(0.12, 8, 0.6),
    "PL": Market(0.11, 30, 0.2),
    "CO": Market(0.05, 9, 0.5),
    "SG": Market(0.03, 6, 0.2),
}
PROVE_AT_ONCE, ASK_TWICE, MISTYPE = 0.80, 0.11, 0.04  # the rest go away
SECOND_WORKS = 0.75


@lru_cache(maxsize=256)
def _example(country: str) -> str:
    found = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    assert found is not None, country
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def mobile(chance: random.Random, country: str, start: str = "") -> str:
    """A number that could be a mobile phone's of the country, and begins so if that is asked for."""
    example = _example(country)
    kept = start or example[: len(str(phonenumbers.country_code_for_region(country))) + 3]
    for _ in range(200):
        digits = "".join(chance.choices("0123456789", k=len(example) - len(kept)))
        if phonenumbers.is_valid_number(phonenumbers.parse(kept + digits)):
            return kept + digits
    raise ValueError(f"no valid number begins with {kept}")


def block(chance: random.Random, country: str, free: int = 4) -> str:
    return mobile(chance, country)[:-free]


def address(chance: random.Random) -> str:
    """Any IPv4 address of those that are given out, or an IPv6 one in four times in ten."""
    if chance.random() < 0.4:
        groups = [f"{chance.randrange(65536):x}" for _ in range(2)]
        return f"2a0{chance.randrange(16):x}:{':'.join(groups)}::{chance.randrange(1, 9)}"
    return ".".join(str(chance.randrange(low, high)) for low, high in ((20, 200), (0, 256), (0, 256), (1, 255)))


def by_day(at: float) -> float:
    """How busy the hour is: little at night, most in the evening; 1 on average."""
    return 1 - 0.8 * math.cos((at % DAY / DAY - 0.1) * 2 * math.pi)


def people(
    chance: random.Random,
    begin: float,
    end: float,
    per_day: float,
    *,
    markets: dict[str, Market] | None = None,
    works: Callable[[str, float], float] = lambda _country, _at: 1.0,
) -> Iterator[Request]:
    """So many people a day, as busy as the hour. ``works``: the share of messages that arrive at all."""
    markets = MARKETS if markets is None else markets
    countries, shares = list(markets), [market.share for market in markets.values()]
    regulars = {c: [mobile(chance, c) for _ in range(int(3 * per_day * m.share) + 2)] for c, m in markets.items()}
    carriers = {c: [address(chance) for _ in range(m.carriers)] for c, m in markets.items()}
    homes: dict[str, str] = {}
    at = begin
    while (at := at + chance.expovariate(per_day * 1.8 / DAY)) < end:
        if chance.random() > by_day(at) / 1.8:
            continue
        country = chance.choices(countries, shares)[0]
        phone = chance.choice(regulars[country]) if chance.random() < 0.55 else mobile(chance, country)
        shared = chance.random() < markets[country].sharing
        home = homes.setdefault(phone, address(chance))
        origin = chance.choice(carriers[country]) if shared else home if chance.random() < 0.5 else address(chance)
        yield from visit(chance, at, origin, phone, country, works(country, at))


def visit(
    chance: random.Random, at: float, origin: str, phone: str, country: str, works: float = 1.0
) -> Iterator[Request]:
    """One person's requests."""
    solves, fate = chance.random() < 0.97, chance.random()

    def typed(share: float = 1.0) -> float | None:
        return 5 + chance.lognormvariate(2.7, 0.7) if chance.random() < share * works else None

    if fate < PROVE_AT_ONCE:
        yield Request(at, origin, phone, typed(), solves)
    elif fate < PROVE_AT_ONCE + ASK_TWICE:
        yield Request(at, origin, phone, None, solves)
        yield Request(at + 40 + chance.expovariate(1 / 60), origin, phone, typed(SECOND_WORKS), solves)
    elif fate < PROVE_AT_ONCE + ASK_TWICE + MISTYPE:
        yield Request(at, origin, mobile(chance, country), None, solves)
        yield Request(at + 30 + chance.expovariate(1 / 40), origin, phone, typed(), solves)
    else:
        yield Request(at, origin, phone, None, solves)


def crowd(chance: random.Random, at: float, country: str, heads: int, seconds: float) -> Iterator[Request]:
    """A hall full of new people behind one address."""
    origin = address(chance)
    for _ in range(heads):
        yield from visit(chance, at + chance.random() * seconds, origin, mobile(chance, country), country)
