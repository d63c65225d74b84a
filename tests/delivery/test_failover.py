"""Who carries a message when the first did not: the standby where nothing can have been sent, nobody where it may."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.delivery.standby import NOBODY, NUMBER, ask, ask_again, calls, configurations, state, use_both
from tests.kit import House
from tests.provider import Provider

GB, GB_2 = "+447400123456", "+447400123457"
ANOTHER = "+33612345679"


@pytest.fixture
def standby() -> Iterator[Provider]:
    with Provider() as running:
        yield running


def refuse(provider: Provider, kind: str) -> None:
    provider.answer(422, {"error": kind})


@pytest.mark.parametrize("kind", ["bad_credentials", "no_balance", "throttled", "sender_or_template", "temporary"])
def test_what_the_first_refuses_the_standby_sends_at_once(
    sqlite_house: House, provider: Provider, standby: Provider, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    use_both(sqlite_house, provider.url, standby)
    refuse(provider, kind)
    ask(sqlite_house)
    assert (state(sqlite_house), calls(sqlite_house)) == ("accepted", [("http", kind), ("twilio", "accepted")])
    assert [len(provider.requests), len(standby.requests)] == [1, 1]
    assert f"http refused it ({kind}); another takes it" in caplog.text


def test_where_nobody_listens_the_standby_sends_at_once(house: House, standby: Provider) -> None:
    use_both(house, NOBODY, standby)
    ask(house)
    assert (state(house), calls(house)) == ("accepted", [("http", "temporary"), ("twilio", "accepted")])
    assert NUMBER.replace("+", "%2B") in standby.requests[0].body.decode()


@pytest.mark.parametrize("kind", ["bad_number", "blocked"])
def test_a_bad_number_and_an_opt_out_are_nobodys(
    sqlite_house: House, provider: Provider, standby: Provider, kind: str
) -> None:
    use_both(sqlite_house, provider.url, standby)
    refuse(provider, kind)
    ask(sqlite_house)
    assert (state(sqlite_house), calls(sqlite_house)) == ("refused", [("http", kind)])
    assert standby.requests == []


UNCLEAR: dict[str, Callable[[Provider], Any]] = {
    "too late": lambda provider: provider.delay(2),
    "its own error": lambda provider: provider.answer(500, b"oops"),
    "a gateway's": lambda provider: provider.answer(502, b"oops"),
    "cut": lambda provider: provider.cut_after_reading(),
    "cut in the reply": lambda provider: provider.cut_after_reading(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
    "not ours to repeat": lambda provider: provider.answer(409, b"there already"),
}


@pytest.mark.parametrize("trouble", UNCLEAR)
def test_what_may_have_been_sent_is_nobody_elses(
    sqlite_house: House, provider: Provider, standby: Provider, trouble: str
) -> None:
    use_both(sqlite_house, provider.url, standby, seconds=1 if trouble == "too late" else 8)
    UNCLEAR[trouble](provider)
    ask(sqlite_house)
    sqlite_house.clock.forward(60)
    sqlite_house.deliver()
    assert (state(sqlite_house), calls(sqlite_house)) == ("unknown", [("http", "unknown")])
    assert [len(provider.requests), len(standby.requests)] == [1, 0]


def test_where_both_refuse_for_now_each_is_tried_in_turn_and_then_it_is_over(
    house: House, provider: Provider, standby: Provider
) -> None:
    use_both(house, provider.url, standby)
    refuse(provider, "temporary")
    standby.answer(503, {"code": 20503})
    ask(house)
    assert [name for name, _ending in calls(house)] == ["http", "twilio"]
    for _ in range(3):
        house.clock.forward(30)
        house.deliver()
    assert [name for name, _ending in calls(house)] == ["http", "twilio", "http", "twilio"]
    assert state(house) == "refused"


def test_without_a_standby_nothing_changes(sqlite_house: House, provider: Provider) -> None:
    sqlite_house.use_provider(provider.url)
    refuse(provider, "no_balance")
    ask(sqlite_house)
    assert calls(sqlite_house) == [("http", "no_balance")]


def test_who_asks_again_gets_it_by_the_other_connector(house: House, provider: Provider, standby: Provider) -> None:
    use_both(house, provider.url, standby)
    ticket = ask(house)
    assert calls(house) == [("http", "accepted")]
    ask_again(house, ticket)
    assert calls(house) == [("twilio", "accepted")]
    assert [len(provider.requests), len(standby.requests)] == [1, 1]
    ask(house, ANOTHER)
    assert calls(house) == [("http", "accepted")]


def test_a_country_has_its_own_connector_and_the_others_stand_by_for_it(
    house: House, provider: Provider, standby: Provider
) -> None:
    use_both(house, provider.url, standby, standby="", routes={"twilio": ["GB", "IE"]})
    ask(house)
    assert calls(house) == [("http", "accepted")]
    ask(house, GB, "GB")
    assert calls(house) == [("twilio", "accepted")]
    standby.answer(401, {"code": 20003})
    ask(house, GB_2, "GB")
    assert calls(house) == [("twilio", "bad_credentials"), ("http", "accepted")]
    refuse(provider, "no_balance")
    ask(house, ANOTHER)
    assert calls(house) == [("http", "no_balance")]  # the route is for its countries alone


def begin_with_the_first(house: House, provider: Provider, second: Provider) -> None:
    """A message that is being retried when the admin changes something."""
    use_both(house, provider.url, second, standby="")
    provider.answer(503)
    ask(house)
    assert (state(house), calls(house)) == ("queued", [("http", "temporary")])
    provider.answer(200)


def deliver_later(house: House) -> None:
    house.clock.forward(30)
    house.deliver()


def test_a_message_keeps_the_connector_that_it_began_with(house: House, provider: Provider, standby: Provider) -> None:
    begin_with_the_first(house, provider, standby)
    house.set(connectors={"active": "twilio"})
    deliver_later(house)
    assert calls(house) == [("http", "temporary"), ("http", "accepted")]
    ask(house, ANOTHER)
    assert calls(house) == [("twilio", "accepted")]


def test_a_message_whose_connector_was_deleted_goes_by_another(
    house: House, provider: Provider, standby: Provider
) -> None:
    begin_with_the_first(house, provider, standby)
    kept = configurations(provider.url, standby.url)
    house.set(connectors={"active": "twilio", "configurations": {"twilio": kept["twilio"]}})
    deliver_later(house)
    assert calls(house) == [("http", "temporary"), ("twilio", "accepted")]


def test_without_any_connector_left_a_message_is_refused(sqlite_house: House, provider: Provider) -> None:
    with Provider() as second:
        begin_with_the_first(sqlite_house, provider, second)
    sqlite_house.set(connectors={"active": "", "configurations": {}})
    deliver_later(sqlite_house)
    assert state(sqlite_house) == "refused"


def test_a_call_that_never_ended_is_repeated_by_the_same_connector_only(
    house: House, provider: Provider, standby: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    use_both(house, provider.url, standby, active="twilio", standby="http")
    ticket = ask(house)
    ask_again(house, ticket)  # by the HTTP connector; its worker then dies before it can write that down
    house.sql("UPDATE attempts SET outcome = 'calling' WHERE connector = 'http'")
    house.sql("UPDATE messages SET state = 'sending', due_at = 0 WHERE connector = 'http'")
    refuse(provider, "temporary")
    with caplog.at_level(logging.WARNING):
        house.worker.work_off()
        provider.wait_for(2)
        house.worker.stop()
    assert "is sent again and may arrive twice" in caplog.text
    assert "another takes it" not in caplog.text
    assert [len(provider.requests), len(standby.requests)] == [2, 1]
    assert calls(house) == [("http", "calling"), ("http", "temporary")]


def test_each_person_gets_one_message(house: House, provider: Provider, standby: Provider) -> None:
    use_both(house, provider.url, standby)
    refuse(provider, "temporary")
    for n in range(20):
        ask(house, f"+336123456{n:02d}")
    numbers = [request.body for request in standby.requests]
    assert len(numbers) == len(set(numbers)) == 20
    assert {row.state for row in house.sql("SELECT state FROM messages")} == {"accepted"}
