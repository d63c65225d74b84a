"""One solution is good for one message, however many use it at once, and who solves and proves nothing pays more."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from flows import challenge, sign_in
from flows.outcomes import Next, Refused
from storage import challenges, guard
from tests.flows.test_races import at_once, spread
from tests.kit import House
from tests.racing import race

BROWSER = "one browser's secret"
SHOTS = 20


@pytest.fixture(autouse=True)
def challenged(house: House) -> None:
    house.set(guard={"mode": "on"})
    with house.services.database.write() as connection:
        guard.pin(connection, "country:FR", "challenge", house.clock())


def put(house: House, effort: int = 1) -> str:
    return challenge.put(house.services, house.visitor(), effort, "/sign-in", {}).ticket


def waited(house: House) -> str:
    """A challenge whose wait is over."""
    found = put(house)
    assert isinstance(challenge.wait(house.services, house.visitor(), found), Next)
    house.sql("UPDATE challenges SET ready_at = created_at")
    return found


def solve_and_ask(house: House, ways: list[tuple[str, int]]) -> list[str]:
    """Use the challenge, and ask for a code to a number of one's own."""

    def use(way: tuple[str, int]) -> object:
        found, number = way
        challenge.solve(house.services, house.visitor(), found, "")
        return sign_in.start(house.services, house.visitor(), f"061234{number:04d}", "FR")

    return at_once(use, ways)


def put_in_line(house: House, found: list[str]) -> list[str]:
    return at_once(lambda each: challenge.wait(house.services, house.visitor(), each), found)


def break_solving() -> None:
    """As a build that takes each use of a solution, and of what it gave, for the first."""
    challenges.solve = lambda *_: True
    guard.spend_pass = lambda *_, **__: True


def test_one_solution_used_at_once_sends_one_message(house: House, tmp_path: Path) -> None:
    one = waited(house)
    shares = spread([(one, number) for number in range(SHOTS)])
    found = race(house.database_url, tmp_path, f"{__name__}:solve_and_ask", shares)
    assert Counter(name for each in found for name in each) == {"Next": 1, "challenge": SHOTS - 1}
    assert house.count("messages") == 1


def test_a_build_that_takes_each_use_for_the_first_is_caught(house: House, tmp_path: Path) -> None:
    one = waited(house)
    shares = spread([(one, number) for number in range(SHOTS)])
    race(house.database_url, tmp_path, f"{__name__}:solve_and_ask", shares, breaking=f"{__name__}:break_solving")
    assert house.count("messages") > 1


def test_who_waits_at_once_stands_in_one_line(house: House, tmp_path: Path) -> None:
    ids = [put(house) for _ in range(SHOTS)]
    found = race(house.database_url, tmp_path, f"{__name__}:put_in_line", spread(ids))
    assert Counter(name for each in found for name in each) == {"Next": SHOTS}
    ready = sorted(row.ready_at for row in house.sql("SELECT ready_at FROM challenges"))
    assert all(later - sooner >= challenge.WAIT_SECONDS - 1 for sooner, later in pairwise(ready))


def test_a_harder_challenge_is_a_longer_wait(house: House) -> None:
    shown = challenge.page(house.services, house.visitor(), put(house, effort=8))
    assert shown
    assert shown.wait == 8 * challenge.WAIT_SECONDS


def test_who_solves_and_proves_nothing_is_refused_in_the_end(house: House) -> None:
    with house.services.database.write() as connection:
        guard.pin(connection, "country:FR", "", house.clock())
    found = []
    for n in range(38):
        visitor, number = house.visitor(f"a robot {n}"), f"06{n:02}2345{n:02}"
        outcome = sign_in.start(house.services, visitor, number, "FR")
        if isinstance(outcome, Refused):
            found.append(outcome.reason)
        if found[-1:] == ["challenge"]:
            one = challenge.put(house.services, visitor, 1, "/sign-in", {}).ticket
            house.sql("UPDATE challenges SET ready_at = created_at")
            challenge.solve(house.services, visitor, one, "")
            assert isinstance(sign_in.start(house.services, visitor, number, "FR"), Next)
        house.clock.forward(60)
    assert found == sorted(found)  # once refused, it stays so
    assert set(found) == {"challenge", "not_to_strangers"}
    assert found.count("challenge") < 10
