"""What the code page says once the provider has reported, and what it does not say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rules import codes
from settings.keys import Use
from storage.receipts import DELIVERED, FAILED, SENT
from tests.delivery.standby import TAKEN, TWILIO
from tests.kit import Browser, House
from tests.pages.test_messages import following
from tests.pages.test_strangers import MEMBER, STRANGER, seen
from tests.provider import Provider

NUMBER = "06 12 34 56 78"
DELIVERED_WORDS = "Delivered to the phone with the number ending in 78."
FAILED_WORDS = "Your operator did not deliver it. Check the number, or ask for another code."


@pytest.fixture
def twilio(house: House) -> Iterator[House]:
    with Provider() as provider:
        provider.answer(201, TAKEN)
        configurations = {"twilio": TWILIO | {"base_url": provider.url}}
        house.set(connectors={"active": "twilio", "configurations": configurations})
        yield house


def report(house: House, state: int, refusal: str | None = None) -> None:
    """As a receipt would have left the newest message."""
    house.sql(
        "UPDATE messages SET receipt = :state, refusal = :refusal WHERE id ="
        " (SELECT id FROM messages ORDER BY created_at DESC LIMIT 1)",
        state=state,
        refusal=refusal,
    )


def status(browser: Browser) -> dict[str, object]:
    ticket = browser.field("ticket")
    reply = browser.client.get(f"/sign-in/message-status?ticket={ticket}")
    found: dict[str, object] = reply.get_json()
    return found


@pytest.mark.parametrize(
    ("state", "told", "words"), [(DELIVERED, "delivered", DELIVERED_WORDS), (FAILED, "failed", FAILED_WORDS)]
)
def test_the_page_and_its_script_say_what_became_of_the_message(
    twilio: House, state: int, told: str, words: str
) -> None:
    browser = twilio.browser().sign_in(NUMBER)
    twilio.deliver()
    report(twilio, SENT)
    assert "Code sent to the number ending in 78." in browser.open("/sign-in/code").text
    assert status(browser)["final"] is False
    report(twilio, state, "bad_number")
    assert status(browser) == {"state": told, "text": words, "final": True}
    assert words in browser.open("/sign-in/code").text
    assert "cannot take text messages" not in browser.text


def test_without_a_script_one_looks_again(twilio: House) -> None:
    browser = twilio.browser().sign_in(NUMBER)
    assert "Sending your code… Look again" in browser.text
    twilio.deliver()
    browser.open(following(browser, "Look again"))
    assert "Code sent to the number ending in 78." in browser.text
    assert "Look again" not in browser.text


def charged(house: House) -> list[object]:
    """What was counted for messages, without the forms at the door."""
    return house.sql("SELECT key, current, previous FROM counters WHERE key NOT LIKE 'LIMITER%' ORDER BY key")


def test_a_failed_delivery_does_not_shorten_the_wait(twilio: House) -> None:
    browser = twilio.browser().sign_in(NUMBER)
    twilio.deliver()
    before = charged(twilio)
    report(twilio, FAILED, "blocked")
    browser.open("/sign-in/code")
    assert 'data-wait="' in browser.page.text
    assert browser.send("/sign-in/send-again").status == 429
    assert twilio.count("messages") == 1
    assert charged(twilio) == before


@pytest.mark.parametrize("state", [DELIVERED, FAILED])
def test_whatever_was_reported_the_code_opens(twilio: House, state: int) -> None:
    browser = twilio.browser().sign_in(NUMBER)
    twilio.deliver()
    report(twilio, state)
    message_id = twilio.sql("SELECT id FROM messages")[0].id
    code = codes.derive(twilio.services.keys.all(Use.CODES)[0], message_id, "+33612345678", 6)
    assert browser.send("/sign-in/code", code=code).path == "/sign-in/create-account"


@pytest.mark.parametrize("state", [SENT, DELIVERED, FAILED])
def test_where_sign_up_is_off_strangers_and_members_are_told_the_same(house: House, state: int) -> None:
    house.browser().open("/sign-up").send(country="FR", phone=MEMBER).type_code()
    house.clock.forward(7200)
    house.set(sign_up={"enabled": False})
    pages, statuses = [], []
    for number in (MEMBER, STRANGER):
        browser = house.browser().sign_in(number)
        house.deliver()
        if number == MEMBER:
            report(house, state, "blocked")
        pages.append(seen(browser.open("/sign-in/code")))
        statuses.append(status(browser))
    assert pages[0] == pages[1]
    assert statuses[0] == statuses[1]
    assert statuses[0]["state"] == "neutral"
