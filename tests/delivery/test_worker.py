"""The worker: nothing lost, nothing twice without a word, whoever else works beside it and whatever it meets."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from delivery import worker as worker_module
from delivery.worker import CALLS_AT_ONCE
from flows import sign_in
from storage import wakeups
from tests.kit import House, away, code_in, open_other_house, wait_for, wait_until
from tests.provider import Provider
from tests.racing import CONTEXT

NUMBER, E164 = "06 12 34 56 78", "+33612345678"
WORDS = "the provider's own words"


def state(house: House) -> tuple[str, str | None]:
    row = house.sql("SELECT state, refusal FROM messages ORDER BY created_at DESC LIMIT 1")[0]
    return row.state, row.refusal


def test_a_message_reaches_the_provider_with_its_code(house: House, provider: Provider) -> None:
    house.use_provider(provider.url)
    browser = house.browser().sign_in(NUMBER)
    house.deliver()
    assert state(house) == ("accepted", None)
    assert len(provider.requests) == 1
    sent = provider.requests[0].body.decode()
    assert E164 in sent
    browser.send("/sign-in/code", code=code_in(sent))
    assert browser.path == "/sign-in/create-account"


def test_a_message_whose_code_is_dead_is_dropped(house: House, provider: Provider) -> None:
    house.use_provider(provider.url)
    browser = house.browser().sign_in(NUMBER)
    house.clock.forward(601)
    house.deliver()
    assert state(house) == ("expired", None)
    assert provider.requests == []
    assert "expired" in browser.open("/sign-in/code").text


def test_so_many_calls_at_once_and_no_more(house: House, provider: Provider) -> None:
    house.use_provider(provider.url)
    release = provider.hold()
    for n in range(CALLS_AT_ONCE + 4):
        house.browser().sign_in(f"06 12 34 56 {n:02d}")
    house.worker.work_off()
    provider.wait_for(CALLS_AT_ONCE)
    house.worker.work_off()
    wait_for(house, "sending", CALLS_AT_ONCE)
    wait_for(house, "queued", 4)
    assert len(provider.requests) == CALLS_AT_ONCE
    release()
    house.deliver()
    wait_for(house, "accepted", CALLS_AT_ONCE + 4)
    assert len(provider.requests) == CALLS_AT_ONCE + 4


def test_a_provider_that_holds_some_messages_does_not_hold_the_others(house: House, provider: Provider) -> None:
    house.use_provider(provider.url)
    release = provider.hold(only=b"+336123456")
    held = CALLS_AT_ONCE - 1
    for n in range(held):
        sign_in.start(house.services, house.visitor(), f"+336123456{n:02d}", "FR")
    for n in range(20):
        sign_in.start(house.services, house.visitor(), f"+336987654{n:02d}", "FR")
    house.worker.start()  # all are there by now: those that are held have 8 s
    wait_for(house, "accepted", 20)
    wait_for(house, "sending", held)
    release()
    wait_for(house, "accepted", 20 + held)


def is_blocked(house: House) -> bool:
    """Whether somebody has a transaction open: on SQLite one that keeps others from writing."""
    if house.services.database.is_sqlite:
        path = house.services.database.engine.url.database or ""
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            return False
    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in trans%'"
    return bool(house.sql(count)[0][0])


def test_no_transaction_is_open_while_a_provider_is_called(house: House, provider: Provider) -> None:
    house.use_provider(provider.url)
    release = provider.hold()
    house.worker.start()
    house.browser().sign_in(NUMBER)
    provider.wait_for(1)
    wait_until(lambda: not is_blocked(house), seconds=7)  # less than the call: whatever else has one open ends it soon
    release()
    wait_for(house, "accepted")


def test_an_open_transaction_would_have_been_seen(house: House) -> None:
    with house.services.database.write() as connection:
        connection.execute(text("SELECT count(*) FROM messages"))
        assert is_blocked(house)


# Other processes


def send_for_another(database_url: str, instance: Path) -> None:
    """A process that sends what others write, and hears of it on PostgreSQL: by itself it would look once an hour."""
    with open_other_house(database_url, instance) as house:
        if not house.services.database.is_sqlite:
            worker_module.LOOK_EVERY = 3600
        with wakeups.listening(house.services.database, house.worker.wake):
            house.worker.run()


def test_a_worker_of_another_process_is_woken(house: House, provider: Provider, tmp_path: Path) -> None:
    house.use_provider(provider.url)
    child = CONTEXT.Process(target=send_for_another, args=(house.database_url, tmp_path / "instance"))
    child.start()
    try:
        for n in range(1, 3):
            sign_in.start(house.services, house.visitor(), f"+3361234567{n}", "FR")
            provider.wait_for(n)
            wait_for(house, "accepted", n)
    finally:
        child.kill()
        child.join()


def test_a_worker_is_woken_by_its_own_process(
    house: House, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "LOOK_EVERY", 3600)
    house.use_provider(provider.url)
    house.worker.start()
    for n in range(1, 3):
        sign_in.start(house.services, house.visitor(), f"+3361234567{n}", "FR")
        provider.wait_for(n)
        wait_for(house, "accepted", n)


# A worker that is in trouble itself


def test_a_worker_whose_database_was_away_goes_on_when_it_is_back(
    hasty_house: House, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    house = hasty_house
    house.use_provider(provider.url)
    house.worker.start()
    house.browser().sign_in(NUMBER)
    wait_for(house, "accepted")
    house.browser().sign_in("06 98 76 54 32")
    wait_for(house, "accepted", 2)
    house.sql("UPDATE messages SET state = 'queued', due_at = :later", later=house.clock() + 100)
    with away(house.database_url):
        house.clock.forward(101)
        wait_until(lambda: caplog.text.count("the database is away") > 1)
    wait_for(house, "accepted", 2)


def test_a_worker_goes_on_after_an_error_that_nobody_foresaw_and_the_log_quotes_nothing(
    house: House, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    """Here a row that cannot be read."""
    house.use_provider(provider.url)
    house.browser().sign_in(NUMBER)
    charges = house.sql("SELECT charges FROM messages")[0].charges
    house.sql("UPDATE messages SET charges = :broken", broken=f"[{WORDS} {E164}")
    house.worker.start()
    wait_until(lambda: caplog.text.count("the worker goes on") > 1)
    assert "JSONDecodeError at" in caplog.text
    assert "storage/messages.py" in caplog.text
    for secret in (E164, WORDS):
        assert secret not in caplog.text
    house.sql("UPDATE messages SET charges = :charges", charges=charges)
    wait_for(house, "accepted")


def test_what_could_not_be_recorded_is_sent_again_and_the_log_says_so_without_the_providers_words(
    hasty_house: House, provider: Provider, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = hasty_house
    monkeypatch.setattr(worker_module, "RECORD_SECONDS", 0)
    house.use_provider(provider.url, id_path="id")
    release = provider.hold(reply=f'{{"id": "{WORDS}"}}'.encode())
    house.worker.start()
    house.browser().sign_in(NUMBER)
    provider.wait_for(1)
    with away(house.database_url):
        release()
        wait_until(lambda: "could not be recorded" in caplog.text)
    assert house.sql("SELECT state FROM messages")[0].state == "sending"
    house.clock.forward(31)
    wait_for(house, "accepted")
    assert "may arrive twice" in caplog.text
    assert len(provider.requests) == 2
    for secret in (*house.codes(), E164, WORDS):
        assert secret not in caplog.text


def test_a_database_that_is_away_as_a_call_ends_is_waited_for_and_nothing_comes_twice(
    hasty_house: House, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    house = hasty_house
    house.use_provider(provider.url)
    release = provider.hold()
    house.worker.start()
    house.browser().sign_in(NUMBER)
    provider.wait_for(1)
    with away(house.database_url):
        release()
        wait_until(lambda: "waits to be recorded" in caplog.text)
    wait_for(house, "accepted")
    house.clock.forward(31)
    house.deliver()
    assert len(provider.requests) == 1
    assert "could not be recorded" not in caplog.text


def interrupt(house: House) -> None:
    """Another worker takes the message and is never heard of again, and its lease is over."""
    house.sql(
        "UPDATE messages SET state = 'sending', attempts = attempts + 1, due_at = :now"
        " WHERE state IN ('queued', 'sending')",
        now=house.clock(),
    )
    house.sql(
        "INSERT INTO attempts (message_id, number, connector, started_at, outcome)"
        " SELECT id, attempts, 'http', :now, 'calling' FROM messages WHERE state = 'sending'",
        now=house.clock(),
    )


def test_what_may_have_been_sent_is_not_said_to_be_unsent(house: House, provider: Provider) -> None:
    """Neither when its code dies meanwhile, nor when the provider refuses the second time: the first may be billed."""
    house.use_provider(provider.url)
    provider.answer(400, {"error": "bad_number"})
    for late in (0, 600):
        browser = house.browser().sign_in(NUMBER)
        interrupt(house)
        house.clock.forward(late)
        house.deliver()
        assert state(house)[0] == "unknown"
        assert "Nothing was sent" not in browser.open("/sign-in/code").text
        assert house.sql("SELECT current FROM counters WHERE key = 'money:day'")[0].current > 0
        house.sql("DELETE FROM counters")


TWILIO = {"account_sid": "AC" + "0" * 32, "auth_token": "token", "sender": "Acme"}


@contextmanager
def with_standby(house: House, provider: Provider) -> Iterator[Provider]:
    """The provider that takes over, and takes everything."""
    with Provider() as other:
        other.answer(201, {"sid": "SM1", "status": "queued"})
        house.use_provider(provider.url)
        configuration = house.services.settings().connectors.configurations
        both = {**configuration, "twilio": TWILIO | {"base_url": other.url}}
        house.set(connectors={"standby": "twilio", "configurations": both})
        yield other


def test_what_is_refused_for_sure_is_taken_over_by_another(house: House, provider: Provider) -> None:
    provider.answer(401)
    with with_standby(house, provider) as other:
        house.browser().sign_in(NUMBER)
        house.deliver()
        assert (len(provider.requests), len(other.requests)) == (1, 1)
    assert state(house) == ("accepted", None)


@pytest.mark.parametrize("answers", [401, 503])
def test_what_may_have_been_sent_is_taken_over_by_no_other(house: House, provider: Provider, answers: int) -> None:
    """Not when it is refused the second time, nor while its connector's circuit is open."""
    provider.answer(answers)
    with with_standby(house, provider) as other:
        browser = house.browser().sign_in(NUMBER)
        interrupt(house)
        house.sql(
            "INSERT INTO circuits (connector, failures, reason, failed_at, opened_at, retry_at, pause)"
            " VALUES ('http', 5, 'unknown', :now, :now, :later, 15)",
            now=house.clock(),
            later=house.clock() + 600,
        )
        for _attempt in range(3):
            house.deliver()
            house.clock.forward(7)
        assert len(provider.requests) == (1 if answers == 401 else 3)
        assert other.requests == []
    assert state(house)[0] == "unknown"
    assert "Nothing was sent" not in browser.open("/sign-in/code").text


def test_what_may_have_been_sent_is_taken_over_by_no_other_once_its_connector_is_gone(
    house: House, provider: Provider
) -> None:
    with with_standby(house, provider) as other:
        house.browser().sign_in(NUMBER)
        interrupt(house)
        twilio = house.services.settings().connectors.configurations["twilio"]
        house.set(connectors={"active": "twilio", "standby": "", "configurations": {"twilio": twilio}})
        house.deliver()
        assert provider.requests == other.requests == []
    assert state(house)[0] == "unknown"


def test_a_message_is_not_sent_a_third_time(house: House, provider: Provider) -> None:
    house.use_provider(provider.url)
    house.browser().sign_in(NUMBER)
    interrupt(house)
    interrupt(house)
    house.deliver()
    assert state(house) == ("unknown", None)
    assert provider.requests == []


def test_an_attempt_that_never_ended_is_tried_once_more_and_the_log_says_so(
    house: House, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    house.use_provider(provider.url)
    house.browser().sign_in(NUMBER)
    interrupt(house)
    house.deliver()
    assert state(house) == ("accepted", None)
    assert "may arrive twice" in caplog.text
    assert len(provider.requests) == 1


def test_two_workers_share_300_messages_and_send_none_twice(house: House, provider: Provider, tmp_path: Path) -> None:
    house.use_provider(provider.url)
    waiting = text(
        "INSERT INTO messages (id, usage, recipient, country, locale, digits, charges, created_at, expires_at, state,"
        " due_at, attempts) VALUES (:id, 'sign_in', :to, 'FR', 'en', 6, '[]', :now, :now + 600, 'queued', :now, 0)"
    )
    now = house.clock()
    with house.services.database.write() as connection:
        connection.execute(waiting, [{"id": f"{n:032x}", "to": f"+336123{n:05d}", "now": now} for n in range(300)])
    with open_other_house(house.database_url, tmp_path / "instance") as other:
        other.worker.start()
        house.deliver()
        wait_for(house, "accepted", 300)
    recipients = [re.search(r"\+\d+", request.body.decode()) for request in provider.requests]
    assert len(recipients) == 300
    assert len({found.group() for found in recipients if found}) == 300


def test_the_switch_of_text_messages_stops_those_that_wait_too(house: House, provider: Provider) -> None:
    house.use_provider(provider.url)
    house.set(money={"price": 0.5})
    provider.answer(429)
    tried = house.browser().sign_in(NUMBER)
    house.deliver()
    assert state(house) == ("queued", "throttled")
    waiting = house.browser().sign_in("06 98 76 54 32")
    house.set(guard={"sms": False})
    house.clock.forward(60)
    house.deliver()
    assert house.sql("SELECT state, refusal FROM messages") == [("refused", "switched_off")] * 2
    assert len(provider.requests) == 1
    assert house.sql("SELECT current FROM counters WHERE key = 'money:day'")[0].current == 0
    for browser in (tried, waiting):
        assert "could not send the message" in browser.open("/sign-in/code").text


def test_a_chore_that_fails_keeps_no_other_from_being_done(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise LookupError(NUMBER)

    done: list[str] = []
    worker = sqlite_house.worker
    monkeypatch.setattr(worker.learning, "run", fail)
    monkeypatch.setattr(worker.webhooks, "work_off", lambda: done.append("webhooks"))
    worker._do_the_rest_if_due()
    assert done == ["webhooks"]
    assert "a chore of the worker failed: LookupError at " in caplog.text
    assert NUMBER not in caplog.text
