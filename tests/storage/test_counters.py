"""Counters: windows that slide, times that are kept, and counts given back, whoever counts at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from storage import counters
from storage.counters import Raise, Reading
from storage.database import Database
from tests.kit import House

SPAN = 3600
START = 500_000.0 * SPAN


@pytest.fixture
def database(house: House) -> Database:
    return house.services.database


def up(database: Database, now: float, key: str = "a", amount: int = 1, span: int | None = SPAN) -> Reading:
    with database.write() as connection:
        return counters.raise_all(connection, [Raise(key, span, amount)], now)[key]


def down(database: Database, raised_at: float, key: str = "a", amount: int = 1) -> None:
    with database.write() as connection:
        counters.lower_all(connection, [(key, int(raised_at // SPAN), amount)], raised_at)


def test_a_counter_tells_what_it_has_and_when_it_was_raised_before(database: Database) -> None:
    assert up(database, START + 1.5) == Reading(1, 0, 0)
    assert up(database, START + 2.25, amount=3) == Reading(4, 0, START + 1.5)
    assert up(database, START + 3.125) == Reading(5, 0, START + 2.25)


def test_a_window_slides_by_one_period_and_forgets_after_two(database: Database) -> None:
    for n in range(4):
        up(database, START + n)
    assert up(database, START + SPAN) == Reading(1, 4, START + 3)
    assert up(database, START + 2 * SPAN).previous == 1
    assert up(database, START + 4 * SPAN) == Reading(1, 0, START + 2 * SPAN)


def test_a_clock_that_was_set_back_gives_no_new_window(database: Database) -> None:
    up(database, START + SPAN)
    assert up(database, START).current == 2


def test_a_count_without_a_window_never_slides(database: Database) -> None:
    up(database, START, span=None)
    assert up(database, START + 1000 * SPAN, span=None).current == 2


def test_several_counters_rise_together_or_not_at_all(database: Database) -> None:
    def raise_and_fail() -> None:
        with database.write() as connection:
            counters.raise_all(connection, [Raise("a", SPAN), Raise("b", None, 2)], START)
            raise LookupError

    with pytest.raises(LookupError):
        raise_and_fail()
    assert up(database, START, "a").current == up(database, START, "b").current == 1


def test_what_is_given_back_is_gone_with_its_time(database: Database) -> None:
    up(database, START)
    up(database, START + 5)
    down(database, START + 5)
    assert up(database, START + 9) == Reading(2, 0, START)


def test_what_is_given_back_takes_no_time_from_a_later_one(database: Database) -> None:
    up(database, START)
    up(database, START + 5)
    down(database, START)
    assert up(database, START + 9) == Reading(2, 0, START + 5)


def test_nothing_is_given_back_below_zero_or_to_a_period_that_is_over(database: Database) -> None:
    up(database, START)
    down(database, START)
    down(database, START)
    assert up(database, START).current == 1
    up(database, START + SPAN)
    down(database, START)
    assert up(database, START + SPAN) == Reading(2, 1, START + SPAN)


def test_raising_and_giving_back_the_same_counters_at_once_block_nobody(database: Database) -> None:
    """In whatever order they are named: two that take rows in opposite orders would wait for each other for ever."""
    names = ["wait", "number", "address", "block", "country", "money"]
    with database.write() as connection:
        counters.raise_all(connection, [Raise(name, SPAN, 1000) for name in names], START)

    def raise_many() -> None:
        for _n in range(150):
            with database.write() as connection:
                counters.raise_all(connection, [Raise(name, SPAN) for name in names], START)

    def lower_many() -> None:
        for _n in range(150):
            with database.write() as connection:
                counters.lower_all(connection, [(name, int(START // SPAN), 1) for name in names], START)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(step) for step in (raise_many, lower_many) * 2]:
            done.result()
    assert [up(database, START, name).current for name in names] == [1001] * 6
