"""Whatever a provider does: what becomes of the message, what the person reads, and what stays out of page and log."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from connectors.contract import Refusal
from rules.retries import PASSING
from tests.delivery.test_caller import certificate  # noqa: F401 - a fixture
from tests.kit import Browser, House, code_in
from tests.provider import Provider
from tests.services import free_port

NUMBER, E164 = "06 12 34 56 78", "+33612345678"
STRANGER = "06 98 76 54 78"  # its last digits are the member's
WORDS = "the provider's own words"
NOTHING_SENT = "Nothing was sent"
LATE = "The message may be late"
SENDING = "Sending your code"
HALF_A_BODY = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"status": "ok"'
COUNTED = {"wait", "number", "address", "block", "country", "money"}
TOLD = {"bad_number": "This number cannot take text messages", "blocked": "Messages to this number are blocked"}


@dataclass(frozen=True)
class Fault:
    """What the provider does, what the message then is, what the person reads; nothing was sent for sure if refused."""

    name: str
    act: Callable[[Provider], None]
    state: str
    refusal: str | None
    told: str


def names(kind: Refusal) -> Fault:
    def act(provider: Provider) -> None:
        provider.answer(400, {"error": kind.value, "message": WORDS})

    if kind in PASSING:
        return Fault(kind, act, "queued", kind, SENDING)
    return Fault(kind, act, "refused", kind, TOLD.get(kind, NOTHING_SENT))


FAULTS = [
    *map(names, Refusal),
    Fault("401", lambda p: p.answer(401, WORDS), "refused", "bad_credentials", NOTHING_SENT),
    Fault("404", lambda p: p.answer(404, WORDS), "refused", "sender_or_template", NOTHING_SENT),
    Fault("302", lambda p: p.redirect(f"{p.url}/{WORDS[:3]}"), "refused", "sender_or_template", NOTHING_SENT),
    Fault("429", lambda p: p.answer(429, WORDS), "queued", "throttled", SENDING),
    Fault("503", lambda p: p.answer(503, WORDS), "queued", "temporary", SENDING),
    Fault("500", lambda p: p.answer(500, WORDS), "unknown", None, LATE),
    Fault("time out", lambda p: p.delay(3, 200, WORDS), "unknown", None, LATE),
    Fault("headers drip", lambda p: p.drip_headers(), "unknown", None, LATE),
    Fault("body drips", lambda p: p.drip_body(), "unknown", None, LATE),
    Fault("garbage", lambda p: p.cut_after_reading(b"\x00\xff" + WORDS.encode()), "unknown", None, LATE),
    Fault("half a body", lambda p: p.cut_after_reading(HALF_A_BODY), "unknown", None, LATE),
    Fault("a body without end", lambda p: p.huge(), "unknown", None, LATE),
    Fault("a packed body", lambda p: p.gzip_bomb(), "unknown", None, LATE),
    Fault("half a reply", lambda p: p.cut_after_reading(b"HTTP/1.1 200 OK\r\nConte"), "unknown", None, LATE),
    Fault("cut before reading", lambda p: p.cut_before_reading(), "unknown", None, LATE),
    Fault("cut after reading", lambda p: p.cut_after_reading(), "unknown", None, LATE),
    Fault("200 and a page", lambda p: p.answer(200, f"<html>{WORDS}</html>"), "unknown", None, LATE),
    Fault("200 and no JSON", lambda p: p.answer(200, b"[" * 20_000), "unknown", None, LATE),
    Fault("200 and an error", lambda p: p.answer(200, {"status": "failed", "why": WORDS}), "unknown", None, LATE),
    Fault("200 that refuses", lambda p: p.answer(200, {"error": {"kind": "no_balance"}}), "refused", "no_balance",
          NOTHING_SENT),
]  # fmt: skip
SLOW = ("time out", "headers drip", "body drips")


def meet(house: House, provider: Provider, fault: Fault) -> None:
    """From now on the provider does this."""
    house.use_provider(provider.url, accept_json="status=ok", timeout=1 if fault.name in SLOW else 8)
    fault.act(provider)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_of_the_provider(
    house: House, provider: Provider, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    meet(house, provider, fault)
    with caplog.at_level(logging.DEBUG):
        browser = house.browser().sign_in(NUMBER)
        house.deliver()
        expect(house, fault)
        expect_told(browser, fault)
        expect_charged(house, charged=fault.state != "refused")
        if fault.state != "queued":  # nothing more happens by itself
            house.clock.forward(29)
            house.deliver()
            house.clock.forward(-29)
            assert len(provider.requests) == (fault.name != "cut before reading")
        send_again_works_at_once(browser, provider, at_once=fault.state == "refused")
        expect_silence(house, caplog)


def expect(house: House, fault: Fault) -> None:
    message = house.sql("SELECT state, refusal, attempts FROM messages")[0]
    assert tuple(message) == (fault.state, fault.refusal, 1)
    outcome = house.sql("SELECT outcome, refusal FROM attempts")[0]
    assert tuple(outcome) == ("unknown" if fault.state == "unknown" else "refused", fault.refusal)


def expect_told(browser: Browser, fault: Fault) -> None:
    browser.open("/sign-in/message-status")
    status = browser.page.get_json()
    assert fault.told in status["text"]
    assert status["final"] == (fault.state != "queued")
    assert WORDS not in browser.page.text
    browser.open("/sign-in/code")
    assert browser.status == 200
    assert fault.told in browser.text
    assert WORDS not in browser.page.text
    assert ("possible in" in browser.text) == (fault.state != "refused")


def expect_charged(house: House, *, charged: bool) -> None:
    """What was not sent, for sure, costs no wait, no message and no money; what may have been costs them all."""
    kept = {row.key.partition(":")[0] for row in house.sql("SELECT key FROM counters WHERE current > 0")}
    assert kept & COUNTED == (COUNTED if charged else set())


def send_again_works_at_once(browser: Browser, provider: Provider, *, at_once: bool) -> None:
    provider.answer(200, {"status": "ok"})
    browser.send("/sign-in/send-again")
    if not at_once:
        assert browser.status == 429
        assert "Try again in" in browser.text
        assert browser.house.count("messages") == 1
        return
    assert (browser.status, browser.path) == (200, "/sign-in/code")
    browser.house.deliver()
    assert "Code sent" in browser.open("/sign-in/code").text
    browser.type_code(code_in(provider.requests[-1].body))
    assert browser.path == "/sign-in/create-account"


def expect_silence(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """The log holds no code, no number and none of the provider's words, and yet says what became of the message."""
    for secret in (*house.codes(), E164, E164[1:], "612345678", WORDS):
        assert secret not in caplog.text
    assert house.sql("SELECT id FROM messages ORDER BY created_at")[0].id in caplog.text


@pytest.mark.parametrize("where", ["nobody listens", "no such name", "no TLS there", "a certificate of its own"])
def test_where_no_connection_comes_about_nothing_was_sent_and_it_is_tried_again(
    house: House,
    provider: Provider,
    certificate: str,  # noqa: F811
    where: str,
) -> None:
    with Provider(tls=certificate) as untrusted:
        house.use_provider(
            {
                "nobody listens": f"http://127.0.0.1:{free_port()}",
                "no such name": "http://provider.invalid",
                "no TLS there": provider.url.replace("http", "https"),
                "a certificate of its own": untrusted.url,
            }[where]
        )
        browser = house.browser().sign_in(NUMBER)
        house.deliver()
    assert tuple(house.sql("SELECT state, refusal FROM messages")[0]) == ("queued", "temporary")
    assert SENDING in browser.open("/sign-in/code").text
    assert provider.requests == untrusted.requests == []
    house.use_provider(provider.url)
    house.clock.forward(2)
    house.deliver()
    assert "Code sent" in browser.open("/sign-in/code").text


def test_what_a_provider_calls_itself_is_no_way_into_the_page(house: House, provider: Provider) -> None:
    house.use_provider(provider.url)
    provider.answer(400, {"error": "<script>alert(1)</script>", "message": "<script>alert(1)</script>"})
    browser = house.browser().sign_in(NUMBER)
    house.deliver()
    assert "alert(1)" not in browser.open("/sign-in/code").page.text


def test_what_a_provider_echoes_of_the_message_is_not_kept(house: House, provider: Provider) -> None:
    body = '{"to": "{to}", "digits": "{to_digits}", "text": "{text}", "why": "no route"}'
    house.use_provider(provider.url, body=body)
    provider.echo(400)
    house.browser().sign_in(NUMBER)
    house.deliver()
    kept = house.sql("SELECT code, detail FROM attempts")[0]
    for secret in (*house.codes(), E164[1:], "612345678"):
        assert secret in provider.requests[0].body.decode()
        assert secret not in kept.detail + kept.code
    assert "no route" in kept.detail


# Strangers


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_where_sign_up_is_off_no_fault_tells_who_has_an_account(
    sqlite_house: House, provider: Provider, fault: Fault
) -> None:
    """A stranger gets no message, so that theirs cannot fail: a member is told no more than they are."""
    house = sqlite_house
    house.browser().open("/sign-up").send(country="FR", phone=NUMBER).type_code()
    house.set(sign_up={"enabled": False})
    meet(house, provider, fault)
    house.clock.forward(31)
    member, stranger = house.browser().sign_in(NUMBER), house.browser().sign_in(STRANGER)
    house.deliver()
    assert words_after(member) == words_after(stranger)


def words_after(browser: Browser) -> list[str]:
    """What a person reads of their message, and when they ask for another."""
    status = browser.open("/sign-in/message-status").page.get_json()
    shown, again = browser.open("/sign-in/code").text, browser.send("/sign-in/send-again").text
    return [re.sub(r"\b\d+ s(econds)?\b", "a while", words) for words in (str(status), shown, again)]


# Tried again


def test_passing_trouble_is_tried_four_times_and_then_given_up(house: House, provider: Provider) -> None:
    house.use_provider(provider.url)
    provider.answer(503)
    browser = house.browser().sign_in(NUMBER)
    for attempt in (1, 2, 3):
        house.deliver()
        assert tuple(house.sql("SELECT state, attempts FROM messages")[0]) == ("queued", attempt)
        house.clock.forward(7)  # the longest pause is 6 s
    house.deliver()
    assert tuple(house.sql("SELECT state, refusal, attempts FROM messages")[0]) == ("refused", "temporary", 4)
    assert len(provider.requests) == 4
    assert NOTHING_SENT in browser.open("/sign-in/code").text


def test_a_provider_that_says_when_is_not_asked_before(house: House, provider: Provider) -> None:
    house.clock.stop()
    house.use_provider(provider.url)
    provider.answer(429, b"", {"Retry-After": "25"})
    house.browser().sign_in(NUMBER)
    house.deliver()
    house.clock.forward(20)
    house.deliver()
    assert len(provider.requests) == 1
    house.clock.forward(6)
    house.deliver()
    assert len(provider.requests) == 2


def test_a_provider_that_asks_for_longer_than_the_code_lives_is_given_up_at_once(
    house: House, provider: Provider
) -> None:
    house.use_provider(provider.url)
    provider.answer(429, b"", {"Retry-After": "3600"})
    browser = house.browser().sign_in(NUMBER)
    house.deliver()
    assert tuple(house.sql("SELECT state, refusal FROM messages")[0]) == ("refused", "throttled")
    assert NOTHING_SENT in browser.open("/sign-in/code").text


def test_a_message_that_waits_longer_than_its_code_lives_is_dropped_and_costs_nothing(
    house: House, provider: Provider
) -> None:
    house.use_provider(provider.url)
    provider.answer(503)
    browser = house.browser().sign_in(NUMBER)
    house.deliver()
    house.clock.forward(601)
    provider.answer(200)
    house.deliver()
    assert house.sql("SELECT state FROM messages")[0].state == "expired"
    assert len(provider.requests) == 1
    counts = {row.key.split(":")[0]: row.current for row in house.sql("SELECT key, current FROM counters")}
    assert {counts[name] for name in ("wait", "number", "block", "country", "money")} == {0}
    browser.open("/sign-in/code").send("/sign-in/send-again")
    house.deliver()
    assert len(provider.requests) == 2
