"""An admin sets a provider of look-ups up, and the guard's room says what it told."""

from __future__ import annotations

import pytest

from flows import look_up_setup
from tests.flows.test_guard import ask, attack, numbered, stranger
from tests.kit import House
from tests.lookups.test_providers import SECRET, TYPED, line_of_twilio
from tests.pages.test_console import in_console
from tests.provider import Provider

HERE = "/admin/guard/look-up/twilio"


def typed(provider: Provider, **more: str) -> dict[str, str]:
    return TYPED["twilio"] | {"base_url": provider.url, "sim_swaps": "off"} | more


def test_set_up_used_and_forgotten(sqlite_house: House, provider: Provider) -> None:
    house, browser = sqlite_house, in_console(sqlite_house)
    house.set(guard={"mode": "on"})
    assert "Twilio Lookup" in browser.open("/admin/guard").text
    assert "What is asked: GET /v2/PhoneNumbers" in browser.open(HERE).text
    browser.send(**typed(provider, action="use"))
    assert "Saved." in browser.text
    assert "Twilio Lookup" in browser.text
    assert SECRET not in browser.page.text + repr(house.sql("SELECT * FROM settings_versions"))
    provider.answer(200, line_of_twilio("nonFixedVoip"))
    attack(house, 2)
    ask(house, numbered(2), address=stranger(2))
    page = browser.open("/admin/guard").text
    assert "Asked for today 1 of 200 Told in 30 days Internet phone 1" in page
    assert "The last number is of an Internet phone." in page
    browser.open(HERE).send(**typed(provider, key_secret="", action="keep"))
    lookups = house.services.settings().lookups
    assert (lookups.active, lookups.configurations["twilio"]["key_secret"]) == ("", SECRET)
    browser.open(HERE).send(**typed(provider, action="forget"))
    assert house.services.settings().lookups.configurations == {}


@pytest.mark.parametrize(
    ("answer", "number", "words"),
    [
        ((200, line_of_twilio("mobile")), "+33612345678", "It answers: mobile. Vodafone UK"),
        (
            (401, {"code": 20003, "message": "Authenticate"}),
            "+33612345678",
            "It did not say what kind of line this is.",
        ),
        ((200, {}), "12", "Start the number with + and its country code"),
    ],
)
def test_a_test_asks_about_a_number(
    sqlite_house: House, provider: Provider, answer: tuple[int, object], number: str, words: str
) -> None:
    provider.answer(*answer)
    browser = in_console(sqlite_house).open(HERE).send(**typed(provider, test_to=number, action="test"))
    assert words in browser.text
    assert SECRET not in browser.page.text
    assert sqlite_house.services.settings().lookups.configurations == {}


def test_a_test_counts_like_any_look_up(sqlite_house: House, provider: Provider) -> None:
    sqlite_house.set(guard={"look_ups_day": 2})
    provider.answer(200, line_of_twilio("mobile"))
    browser = in_console(sqlite_house).open(HERE)
    for _ in range(3):
        browser.send(**typed(provider, test_to="+33612345678", action="test"))
    assert (browser.status, len(provider.requests)) == (429, 2)
    assert browser.errors == [
        "As many look-ups as the settings allow were made today. Raise them, or test it tomorrow."
    ]
    assert "It answers" not in browser.text
    assert look_up_setup.used(sqlite_house.services).today == 2


def test_what_is_wrong_is_told_beside_its_field_and_auditors_only_look(sqlite_house: House, provider: Provider) -> None:
    browser = in_console(sqlite_house).open(HERE).send(**typed(provider, key_id="me", action="use"))
    assert browser.status == 422
    assert browser.errors == ["It is SK or AC and 32 characters from 0-9 and a-f."]
    sqlite_house.sql("UPDATE admins SET role = 'auditor'")
    assert "Twilio Lookup" in browser.open("/admin/guard").text
    assert HERE not in browser.page.text
    assert browser.open(HERE).status == 403
