"""Where strangers get no message, numbers that somebody makes up cost us nothing: nobody else pays for them."""

from __future__ import annotations

from collections import Counter

from storage import accounts
from storage.accounts import Identifier
from tests.flows.test_guard import ask, attack, numbered, prove, reasons, stranger
from tests.kit import House

OFFICE, ROBOT = "203.0.113.5", "198.51.100.9"


def members(house: House, count: int) -> list[str]:
    """People who have proved their number here, each at home, some days ago."""
    numbers = [f"+3377{n:02d}000000"[:12] for n in range(count)]
    for n, number in enumerate(numbers):
        with house.services.database.write() as connection:
            accounts.create(connection, f"{n:032x}", Identifier("phone", number, "FR"), "en", house.clock())
        ask(house, number, address=stranger(n + 500))
        prove(house, number)
    house.clock.forward(5 * 86400)
    return numbers


def one_after_the_other(house: House, numbers: list[str], address: str) -> Counter[str]:
    """Half a minute apart: in a rush it takes twice as much."""
    found = []
    for number in numbers:
        found.append(ask(house, number, address=address))
        house.clock.forward(30)
    return reasons(found)


def test_made_up_numbers_are_held_against_who_asks_and_against_no_country(house: House) -> None:
    house.set(guard={"mode": "on"}, sign_up={"enabled": False})
    assert reasons(attack(house, 30, apart=1)) == {"Next": 30}
    held = {row.key.partition(":")[0] for row in house.sql("SELECT key FROM guard_evidence WHERE score > 0.01")}
    assert held == {"number", "address", "network"}
    house.worker.learning.run()
    assert house.sql("SELECT sum(sent) AS sent FROM guard_hours")[0].sent is None


def test_who_asks_from_one_address_is_challenged_alike_for_members_and_for_strangers(house: House) -> None:
    """Alike but for one message: what people do with theirs teaches what is usual, and made-up numbers do not."""
    house.set(guard={"mode": "on"}, sign_up={"enabled": False})
    known = members(house, 12)
    strangers = one_after_the_other(house, [numbered(n) for n in range(12)], ROBOT)
    asked = one_after_the_other(house, known, OFFICE)
    assert set(strangers) == set(asked) == {"Next", "challenge"}
    assert abs(strangers["Next"] - asked["Next"]) <= 1
