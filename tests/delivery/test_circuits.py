"""A connector that fails as a whole is left alone for a while, by every process, where there is another."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flows import sign_in
from storage import circuits
from storage.circuits import FAILURES, FIRST_PAUSE, LONGEST_PAUSE
from tests.delivery.standby import NOBODY, ask, calls, use_both
from tests.kit import House, open_other_house
from tests.provider import Provider


@pytest.fixture
def standby() -> Iterator[Provider]:
    with Provider() as running:
        yield running


def number(n: int) -> str:
    return f"+336123{n:05d}"


def ask_many(house: House, numbers: range) -> None:
    """Each message is sent before the next is asked for."""
    for n in numbers:
        ask(house, number(n))


def open_circuit(house: House, provider: Provider, standby: Provider) -> None:
    use_both(house, provider.url, standby)
    provider.answer(401)
    ask_many(house, range(FAILURES))
    assert len(provider.requests) == FAILURES


def circuit(house: House) -> circuits.Circuit:
    with house.services.database.read() as connection:
        return circuits.read_all(connection)["http"]


def test_after_five_failures_in_a_row_the_other_connector_is_asked_first(
    house: House, provider: Provider, standby: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    open_circuit(house, provider, standby)
    ask_many(house, range(5, 10))
    assert [len(provider.requests), len(standby.requests)] == [5, 10]
    assert calls(house) == [("twilio", "accepted")]
    assert (circuit(house).failures, circuit(house).reason) == (5, "bad_credentials")
    assert caplog.text.count("connector http fails (bad_credentials): others come first") == 1


def test_failures_that_are_not_in_a_row_open_nothing(
    sqlite_house: House, provider: Provider, standby: Provider
) -> None:
    use_both(sqlite_house, provider.url, standby)
    for start in (0, 10):
        provider.answer(500)
        ask_many(sqlite_house, range(start, start + 4))
        provider.answer(200)
        ask_many(sqlite_house, range(start + 4, start + 6))
    assert len(provider.requests) == 12
    assert sqlite_house.count("circuits") == 0


@pytest.mark.parametrize("kind", ["bad_number", "blocked", "throttled", "sender_or_template"])
def test_what_is_one_messages_trouble_opens_nothing(
    sqlite_house: House, provider: Provider, standby: Provider, kind: str
) -> None:
    use_both(sqlite_house, provider.url, standby)
    provider.answer(422, {"error": kind})
    ask_many(sqlite_house, range(FAILURES + 2))
    assert len(provider.requests) == FAILURES + 2
    assert sqlite_house.count("circuits") == 0


def test_after_its_pause_one_message_tries_and_the_pause_doubles_up_to_ten_minutes(
    house: House, provider: Provider, standby: Provider
) -> None:
    house.clock.stop()
    open_circuit(house, provider, standby)
    pause, n = FIRST_PAUSE, 100
    for _ in range(8):
        house.clock.forward(pause - 2)
        ask_many(house, range(n, n + 2))
        before = len(provider.requests)
        house.clock.forward(3)
        ask_many(house, range(n + 2, n + 5))
        assert len(provider.requests) == before + 1
        pause, n = min(pause * 2, LONGEST_PAUSE), n + 5
    assert pause == LONGEST_PAUSE
    assert len(provider.requests) == FAILURES + 8


def test_the_first_success_closes_it(house: House, provider: Provider, standby: Provider) -> None:
    open_circuit(house, provider, standby)
    provider.answer(200)
    house.clock.forward(FIRST_PAUSE + 1)
    ask_many(house, range(10, 14))
    assert [len(provider.requests), len(standby.requests)] == [FAILURES + 4, FAILURES]
    assert house.count("circuits") == 0


def test_calls_that_were_under_way_do_not_lengthen_the_pause(
    house: House, provider: Provider, standby: Provider
) -> None:
    use_both(house, provider.url, standby)
    provider.decide(lambda _seen: provider.wait_for(8) or (500, b""))
    for n in range(8):
        sign_in.start(house.services, house.visitor(), number(n), "FR")
    house.deliver()
    found = circuit(house)
    assert (len(provider.requests), found.failures) == (8, 8)
    assert (found.retry_at or 0) - (found.opened_at or 0) == pytest.approx(FIRST_PAUSE)


def test_other_processes_see_it_and_one_message_of_all_of_them_tries(
    house: House, provider: Provider, standby: Provider, tmp_path: Path
) -> None:
    open_circuit(house, provider, standby)
    with open_other_house(house.database_url, tmp_path / "instance") as other:
        ask_many(other, range(10, 13))
        assert [len(provider.requests), len(standby.requests)] == [FAILURES, FAILURES + 3]
        for each in (house, other):
            each.clock.forward(FIRST_PAUSE + 1)
        for n in range(20, 26):
            sign_in.start(house.services, house.visitor(), number(n), "FR")
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(House.deliver, (house, other)))
    assert [len(provider.requests), len(standby.requests)] == [FAILURES + 1, FAILURES + 9]


def test_of_many_that_ask_at_once_one_may_try(house: House, provider: Provider, standby: Provider) -> None:
    open_circuit(house, provider, standby)
    later = house.clock() + FIRST_PAUSE + 1

    def may_try(_n: int) -> bool:
        with house.services.database.write() as connection:
            return circuits.may_try(connection, "http", later)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(may_try, range(24))) == 1


def test_a_message_of_another_route_does_not_use_the_try_up(
    house: House, provider: Provider, standby: Provider
) -> None:
    """The connector of a country is down; messages of other countries must not keep it from being tried."""
    use_both(house, provider.url, standby)
    configurations = {**house.services.settings().connectors.configurations, "development": {}}
    group = {"active": "twilio", "standby": "development", "routes": {"http": ["GB"]}}
    house.set(connectors=group | {"configurations": configurations})
    provider.answer(401)
    for n in range(FAILURES):
        ask(house, f"+4474001234{n:02d}", "GB")
    provider.answer(200)
    house.clock.forward(FIRST_PAUSE + 1)
    ask(house)
    ask(house, "+447400123499", "GB")
    assert calls(house) == [("http", "accepted")]


def test_where_all_circuits_are_open_messages_are_tried_none_the_less(
    house: House, provider: Provider, standby: Provider
) -> None:
    open_circuit(house, provider, standby)
    standby.answer(401)
    ask_many(house, range(10, 10 + FAILURES))
    provider.answer(200)
    ask(house, number(30))
    assert calls(house)[-1] == ("http", "accepted")


@pytest.mark.parametrize("kind", ["refused", "unknown", "nobody"])
def test_with_a_single_connector_an_open_circuit_changes_nothing(
    sqlite_house: House, provider: Provider, kind: str
) -> None:
    sqlite_house.use_provider(NOBODY if kind == "nobody" else provider.url)
    provider.answer(401 if kind == "refused" else 500)
    ask_many(sqlite_house, range(FAILURES + 3))
    assert circuit(sqlite_house).opened_at
    attempts = sqlite_house.sql("SELECT message_id FROM attempts")
    assert len({row.message_id for row in attempts}) == FAILURES + 3
    sqlite_house.use_provider(provider.url)
    provider.answer(200)
    ask(sqlite_house, number(50))
    assert calls(sqlite_house) == [("http", "accepted")]
