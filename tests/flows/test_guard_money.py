"""Before a cap of money stops everybody, what is left of it is kept for numbers that are known."""

from __future__ import annotations

import pytest

from flows import guard_pass
from flows.outcomes import Next, Refused
from rules import limits
from tests.flows.test_guard import ask, numbered, prove, reasons, stranger
from tests.kit import House


@pytest.fixture(autouse=True)
def tight(house: House) -> None:
    house.set(guard={"mode": "on"}, money={"price": 1, "day_cap": 15, "month_cap": 1000})


def elsewhere(n: int) -> str:
    """Numbers that have nothing in common, all of which are proved."""
    return f"+336{n:02d}2345{n:02d}"


def spend(house: House, times: int) -> list[object]:
    found = []
    for n in range(times):
        found.append(ask(house, elsewhere(n), address=stranger(n)))
        prove(house, elsewhere(n))
    return found


def test_at_80_percent_strangers_are_challenged_and_at_the_cap_nobody_gets_any(house: House) -> None:
    assert reasons(spend(house, 12)) == {"Next": 12}
    assert reasons([ask(house, elsewhere(50), address=stranger(50))]) == {"challenge": 1}
    house.clock.forward(60)
    assert isinstance(ask(house, elsewhere(3), address=stranger(51)), Next), "its number is known"
    assert isinstance(ask(house, elsewhere(52), address=stranger(4)), Next), "its address proved a number"
    guard_pass.solved(house.services, house.visitor("ann"))
    assert isinstance(ask(house, elsewhere(53), address=stranger(53), browser="ann"), Next)
    assert reasons([ask(house, elsewhere(5), address=stranger(54))]) == {"no_messages_now": 1}
    stops = house.sql("SELECT decision, reason, subject, figures FROM guard_stops")
    assert [(row.decision, row.reason, row.subject) for row in stops] == [("challenge", "cap_near", "money:day")]
    assert stops[0].figures == '{"used": 0.8}'


def test_what_is_kept_from_strangers_uses_no_money_up_and_meets_the_cap_where_others_do(house: House) -> None:
    house.set(sign_up={"enabled": False}, guard={"mode": "off"})
    assert reasons([ask(house, numbered(n), address=stranger(n)) for n in range(20)]) == {"Next": 20}
    with house.services.database.read() as connection:
        assert limits.spent(connection, house.services.settings(), house.clock())[0][1] == 0
    house.set(sign_up={"enabled": True})
    assert reasons(spend(house, 15)) == {"Next": 15}
    as_before = ask(house, elsewhere(20), address=stranger(20))
    house.set(sign_up={"enabled": False})
    kept_back = ask(house, numbered(30), address=stranger(30))
    assert isinstance(kept_back, Refused)
    assert isinstance(as_before, Refused)
    assert kept_back.reason == as_before.reason == "no_messages_now"
    assert abs((kept_back.wait or 0) - (as_before.wait or 0)) <= 1  # the clock goes on between them
