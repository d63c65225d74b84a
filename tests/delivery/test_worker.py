"""What becomes of a message: taken, refused, unclear, late; and what a person then reads. Real provider, real calls."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit import House, open_other_house, wait_until
from tests.provider import Provider

NUMBER, E164 = "06 12 34 56 78", "+33612345678"
BODY = '{"to": "{to}", "text": "{text}"}'
SECRET_WORDS = "the provider's own words"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


def use(house: House, provider: Provider) -> None:
    config = {"url": provider.url, "body": BODY, "timeout": 1}
    house.set(connectors={"active": "http", "configurations": {"http": config}})


def state(house: House) -> tuple[str, str | None]:
    row = house.sql("SELECT state, refusal FROM messages ORDER BY created_at DESC LIMIT 1")[0]
    return row.state, row.refusal


def test_a_message_reaches_the_provider_with_its_code(house: House, provider: Provider) -> None:
    use(house, provider)
    browser = house.browser().sign_in(NUMBER)
    house.deliver()
    assert state(house) == ("accepted", None)
    assert len(provider.requests) == 1
    sent = provider.requests[0].body.decode()
    assert E164 in sent
    found = re.search(r"\d{6} is your", sent)
    assert found
    browser.send("/sign-in/code", code=found.group()[:6])
    assert browser.path == "/sign-in/create-account"


@pytest.mark.parametrize(
    ("status", "refusal"),
    [(400, "bad_number"), (401, "bad_credentials"), (402, "no_balance"), (403, "bad_credentials")],
)
def test_refused_for_good_is_not_tried_again_and_costs_no_wait(
    sqlite_house: House, provider: Provider, status: int, refusal: str
) -> None:
    house = sqlite_house
    use(house, provider)
    provider.answer(status, b'{"error": "%s", "message": "%s"}' % (refusal.encode(), SECRET_WORDS.encode()))
    browser = house.browser().sign_in(NUMBER)
    house.deliver()
    assert state(house) == ("refused", refusal)
    assert len(provider.requests) == 1
    page = browser.open("/sign-in/code")
    assert SECRET_WORDS not in page.page.text
    provider.answer(200, b"{}")
    page.send("/sign-in/send-again")
    assert page.status == 200
    house.deliver()
    assert state(house) == ("accepted", None)
    assert sorted(row.current for row in house.sql("SELECT current FROM counters WHERE key LIKE 'number:%'")) == [1, 1]


def test_passing_trouble_is_tried_again_while_the_code_lives(house: House, provider: Provider) -> None:
    use(house, provider)
    provider.answer(503, b"busy")
    house.browser().sign_in(NUMBER)
    house.deliver()
    assert state(house) == ("queued", "temporary")
    for _ in range(3):
        house.clock.forward(30)
        house.deliver()
    assert state(house) == ("refused", "temporary")
    assert len(provider.requests) == 4


def test_a_message_whose_code_is_dead_is_dropped(house: House, provider: Provider) -> None:
    use(house, provider)
    browser = house.browser().sign_in(NUMBER)
    house.clock.forward(601)
    house.deliver()
    assert state(house) == ("expired", None)
    assert provider.requests == []
    assert "expired" in browser.open("/sign-in/code").text


def test_no_answer_in_time_is_unclear_and_not_tried_again(sqlite_house: House, provider: Provider) -> None:
    house = sqlite_house
    use(house, provider)
    provider.delay(3, 200, b"{}")
    browser = house.browser().sign_in(NUMBER)
    house.deliver()
    assert state(house) == ("unknown", None)
    house.clock.forward(40)
    house.deliver()
    assert len(provider.requests) == 1
    assert "late" in browser.open("/sign-in/code").text


def test_a_provider_that_sends_elsewhere_or_talks_nonsense_is_no_success(
    sqlite_house: House, provider: Provider
) -> None:
    house = sqlite_house
    use(house, provider)
    provider.answer(302, b"", headers={"Location": "http://127.0.0.1:1/"})
    browser = house.browser().sign_in(NUMBER)
    house.deliver()
    assert state(house)[0] == "refused"
    assert "could not send" in browser.open("/sign-in/code").text


def test_nobody_there_means_that_nothing_was_sent(sqlite_house: House) -> None:
    house = sqlite_house
    config = {"url": "http://127.0.0.1:1/", "body": BODY}
    house.set(connectors={"active": "http", "configurations": {"http": config}})
    house.browser().sign_in(NUMBER)
    house.deliver()
    assert state(house) == ("queued", "temporary")


def test_a_provider_that_holds_one_message_does_not_hold_the_others(house: House, provider: Provider) -> None:
    use(house, provider)
    provider.delay(0.5, 200, b"{}")
    for n in range(8):
        house.browser().sign_in(f"06 12 34 56 {n:02d}")
    house.deliver()
    assert {row.state for row in house.sql("SELECT state FROM messages")} == {"accepted"}


def test_an_attempt_that_never_ended_is_tried_once_more_and_the_log_says_so(
    house: House, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    use(house, provider)
    house.browser().sign_in(NUMBER)
    house.sql("UPDATE messages SET state = 'sending', attempts = 1, due_at = due_at - 1")
    house.sql(
        "INSERT INTO attempts (message_id, number, connector, started_at, outcome) "
        "SELECT id, 1, 'http', 0, 'calling' FROM messages"
    )
    with caplog.at_level(logging.INFO):
        house.worker.work_off()
        wait_for(house, "accepted")
    assert "may arrive twice" in caplog.text
    assert len(provider.requests) == 1


def test_logs_hold_no_code_no_number_and_none_of_the_providers_words(
    sqlite_house: House, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    house = sqlite_house
    use(house, provider)
    provider.answer(400, SECRET_WORDS.encode())
    with caplog.at_level(logging.DEBUG, logger="doorcode"):
        house.browser().sign_in(NUMBER)
        house.deliver()
    code = re.search(r"\d{6} is your", provider.requests[0].body.decode())
    assert code
    for secret in (code.group()[:6], E164, "612345678", SECRET_WORDS):
        assert secret not in caplog.text


def test_two_workers_share_300_messages_and_send_none_twice(house: House, provider: Provider, tmp_path: Path) -> None:
    use(house, provider)
    for n in range(300):
        house.sql(
            "INSERT INTO messages (id, usage, recipient, country, locale, digits, charges, created_at, expires_at,"
            " state, due_at, attempts) VALUES (:id, 'sign_in', :to, 'FR', 'en', 6, '[]', :now, :now + 600, 'queued',"
            " :now, 0)",
            id=f"{n:032x}",
            to=f"+336123{n:05d}",
            now=house.clock(),
        )
    with open_other_house(house.database_url, tmp_path / "instance") as other:
        other.worker.start()
        house.deliver()
        wait_for(house, "accepted", 300)
    recipients = [re.search(r"\+\d+", request.body.decode()) for request in provider.requests]
    assert len(recipients) == 300
    assert len({found.group() for found in recipients if found}) == 300


def wait_for(house: House, wanted: str, count: int = 1) -> None:
    statement = "SELECT count(*) FROM messages WHERE state = :state"
    wait_until(lambda: house.sql(statement, state=wanted)[0][0] == count, seconds=20)
