"""Attacks among people, other ones than the thresholds were thought out with. A scenario is a list of requests."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from bench.fraud.people import (
    DAY,
    HOUR,
    MARKETS,
    MINUTE,
    Market,
    Request,
    address,
    block,
    crowd,
    mobile,
    people,
    visit,
)

ATTACK_AT, END = 6 * DAY + 15 * HOUR, 10 * DAY
ELSEWHERE = ("AZ", "BD", "CU", "DZ", "ET", "GE", "KG", "LK", "MG", "ML", "SN", "TJ", "TN", "UZ", "ZM", "ZW")
Chance = random.Random


def attack(
    chance: Chance,
    hours: float,
    per_hour: float,
    number: Callable[[], str],
    origin: Callable[[], str],
    proves: float = 0.0,
    begin: float = ATTACK_AT,
) -> Iterator[Request]:
    at = begin
    while (at := at + chance.expovariate(per_hour / HOUR)) < begin + hours * HOUR:
        fake = 3 + chance.expovariate(1 / 8) if chance.random() < proves else None
        yield Request(at, origin(), number(), fake, chance.random() < 0.3, attacks=True)


def in_turn(start: str, digits: int) -> Callable[[], str]:
    """The numbers of a block one after the other."""
    last = [-1]

    def number() -> str:
        last[0] = (last[0] + 1) % 10**digits
        return f"{start}{last[0]:0{digits}d}"

    return number


def calm(_chance: Chance) -> Iterable[Request]:
    return ()


def numbers_in_turn(chance: Chance) -> Iterable[Request]:
    """A hundred numbers one after the other, from the addresses of one network."""
    network = f"91.{chance.randrange(256)}.{chance.randrange(256)}"
    return attack(chance, 10, 90, in_turn(block(chance, "PL", 2), 2), lambda: f"{network}.{chance.randrange(1, 255)}")


def hundred_thousand(chance: Chance) -> Iterable[Request]:
    """A block of 100,000, ten times what is thought of as one."""
    start = block(chance, "ES", 5)
    return attack(chance, 24, 100, lambda: mobile(chance, "ES", start), lambda: address(chance))


def many_small_blocks(chance: Chance) -> Iterable[Request]:
    """Twelve blocks of a thousand in one country."""
    starts = [block(chance, "EG", 3) for _ in range(12)]
    return attack(chance, 24, 150, lambda: mobile(chance, "EG", chance.choice(starts)), lambda: address(chance))


def whole_country(chance: Chance) -> Iterable[Request]:
    """Numbers all over a country that a twentieth of the people is of."""
    return attack(chance, 24, 140, lambda: mobile(chance, "CO"), lambda: address(chance))


def all_over_the_world(chance: Chance) -> Iterable[Request]:
    """Numbers all over sixteen countries that nobody is of."""
    return attack(chance, 18, 110, lambda: mobile(chance, chance.choice(ELSEWHERE)), lambda: address(chance))


def few_addresses(chance: Chance) -> Iterable[Request]:
    """Forty hired machines that prove a number of their own now and then."""
    origins = [address(chance) for _ in range(40)]
    starts = [block(chance, "ID") for _ in range(4)]
    return attack(
        chance, 24, 120, lambda: mobile(chance, "ID", chance.choice(starts)), lambda: chance.choice(origins), 0.15
    )


def machines_that_vouch(chance: Chance) -> Iterable[Request]:
    """Sixty hired machines, from each of which the attacker proves a telephone of his own first. Then numbers all over
    a country."""
    phones, origins = [mobile(chance, "PL") for _ in range(6)], [address(chance) for _ in range(60)]
    for n, origin in enumerate(origins):
        yield Request(ATTACK_AT - DAY + n * 20 * MINUTE, origin, phones[n % 6], 10, attacks=True)
    yield from attack(chance, 24, 120, lambda: mobile(chance, "ID"), lambda: chance.choice(origins))


def machines_and_blocks(chance: Chance) -> Iterable[Request]:
    """The same, for numbers of four blocks."""
    starts = [block(chance, "ID") for _ in range(4)]
    for each in machines_that_vouch(chance):
        yield each if each.proves else replace(each, phone=mobile(chance, "ID", chance.choice(starts)))


def a_feigned_outage(chance: Chance) -> Iterable[Request]:
    """Sixteen telephones of the attacker's, proved the day before, ask for codes and type none. Then numbers all over
    their country."""
    phones = [mobile(chance, "CO") for _ in range(16)]
    for n, phone in enumerate(phones):
        yield Request(ATTACK_AT - DAY + n * 10 * MINUTE, address(chance), phone, 10, attacks=True)
    for n, phone in enumerate(phones * 8):
        at = ATTACK_AT - 20 * MINUTE + n // 16 * 3 * HOUR + n % 16 * MINUTE
        yield Request(at, address(chance), phone, attacks=True)
    yield from whole_country(chance)


def third_is_proved(chance: Chance) -> Iterable[Request]:
    starts = [block(chance, "DE") for _ in range(2)]
    return attack(chance, 24, 100, lambda: mobile(chance, "DE", chance.choice(starts)), lambda: address(chance), 0.33)


def three_to_each(chance: Chance) -> Iterable[Request]:
    """Each number of a block is asked for three times."""
    start = block(chance, "PL")
    for each in attack(chance, 24, 40, lambda: mobile(chance, "PL", start), lambda: address(chance)):
        for again in range(3):
            yield replace(each, at=each.at + again * 65, address=address(chance))


def a_flood(chance: Chance) -> Iterable[Request]:
    """Six hundred in two minutes."""
    start = block(chance, "ID")
    return attack(chance, 2 / 60, 18_000, lambda: mobile(chance, "ID", start), lambda: address(chance))


def very_slow(chance: Chance) -> Iterable[Request]:
    """Three an hour for three days, to four blocks."""
    starts = [block(chance, "EG") for _ in range(4)]
    return attack(chance, 72, 6, lambda: mobile(chance, "EG", chance.choice(starts)), lambda: address(chance))


def one_prefix(chance: Chance) -> Iterable[Request]:
    """IPv6: a /48 with a fresh /64 each time."""
    starts = [block(chance, c) for c in ("SG", "DE")]
    origin = f"2a0e:{chance.randrange(65536):x}:{chance.randrange(65536):x}"
    return attack(
        chance,
        12,
        100,
        lambda: mobile(chance, *chance.choice(list(zip(("SG", "DE"), starts, strict=True)))),
        lambda: f"{origin}:{chance.randrange(65536):x}::1",
    )


def lists_of_people(chance: Chance) -> Iterable[Request]:
    """A list of strangers' real numbers, bombed through us twice each."""
    victims = [mobile(chance, "DE") for _ in range(30)]
    return attack(chance, 8, 120, lambda: chance.choice(victims), lambda: address(chance))


def any_attack(chance: Chance) -> Iterable[Request]:
    """What it is after, from where, how fast and for how long is drawn: no two seeds are alike."""
    country = chance.choice([*MARKETS, *ELSEWHERE])
    starts = [block(chance, country, chance.choice((2, 3, 4, 5))) for _ in range(chance.randrange(1, 9))]
    victims = [mobile(chance, country) for _ in range(chance.randrange(10, 100))]
    origins = [address(chance) for _ in range(chance.randrange(5, 100))]
    number, proves = chance.choice(
        (
            (lambda: mobile(chance, country, chance.choice(starts)), chance.choice((0, 0.1, 0.2, 0.3))),
            (lambda: mobile(chance, country), 0.0),
            (lambda: chance.choice(victims), 0.0),
        )
    )
    origin = chance.choice((lambda: address(chance), lambda: address(chance), lambda: chance.choice(origins)))
    per_hour = 10 ** chance.uniform(0.7, 2.7)
    return attack(chance, min(10 ** chance.uniform(0.3, 1.9), 4000 / per_hour), per_hour, number, origin, proves)


def an_airport(chance: Chance) -> Iterable[Request]:
    """No attack: people of many countries behind one address, all new, through a day."""
    origin = address(chance)
    for _ in range(250):
        country, at = chance.choice([*MARKETS, *ELSEWHERE]), ATTACK_AT + chance.random() * 12 * HOUR
        yield from visit(chance, at, origin, mobile(chance, country), country)


def a_hall(chance: Chance) -> Iterable[Request]:
    """No attack: three hundred people in a hall, within ten minutes, all new."""
    return crowd(chance, ATTACK_AT, "SG", 300, 10 * MINUTE)


def an_opening(chance: Chance) -> Iterable[Request]:
    """No attack: a country opens, busier than all others together from its first minute."""
    return people(chance, ATTACK_AT, ATTACK_AT + 2 * DAY, 1500, markets={"VN": Market(1.0, 12, 0.6)})


# name: the attack, whether it is to be among people, what share of messages arrives
ATTACKS: dict[str, Callable[[Chance], Iterable[Request]]] = {
    each.__name__.replace("_", "-"): each
    for each in (
        *(calm, a_hall, an_opening, numbers_in_turn, hundred_thousand, many_small_blocks, whole_country),
        *(all_over_the_world, few_addresses, third_is_proved, three_to_each, a_flood, very_slow, one_prefix),
        *(lists_of_people, any_attack, an_airport, machines_that_vouch, machines_and_blocks, a_feigned_outage),
    )
}


def _poor(country: str, _at: float) -> float:
    """A country where half of the messages are lost, always."""
    return 0.5 if country == "EG" else 1.0


def _outage(country: str, at: float) -> float:
    """A country where none arrives for three hours."""
    return 0.03 if country == "DE" and 0 <= at - ATTACK_AT < 3 * HOUR else 1.0


def _lost_hour(country: str, at: float) -> float:
    """A country where half of the messages are lost for an hour, and no receipt says so."""
    return 0.5 if country == "DE" and 0 <= at - ATTACK_AT < HOUR else 1.0


DELIVERY = {"a-poor-country": _poor, "an-outage": _outage, "a-lost-hour": _lost_hour}
FIRST_DAY = "first-day"  # nothing is known yet, and the attack begins an hour after the people
NAMES = (*ATTACKS, *DELIVERY, FIRST_DAY)


def requests(name: str, seed: int, per_day: int) -> list[Request]:
    """A scenario, in time's order."""
    chance = Chance(f"{name} {seed}")
    if name == FIRST_DAY:
        start = block(chance, "ID")
        shot = attack(chance, 12, 80, lambda: mobile(chance, "ID", start), lambda: address(chance), begin=HOUR * 9)
        found = [*people(chance, 8 * HOUR, 32 * HOUR, per_day), *shot]
    else:
        works = DELIVERY.get(name, lambda _country, _at: 1.0)
        found = [*people(chance, 0, END, per_day, works=works), *ATTACKS.get(name, calm)(chance)]
    return sorted(found, key=lambda request: request.at)
