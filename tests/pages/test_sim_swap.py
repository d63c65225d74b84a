"""Whoever has a number's new SIM card may not be who had the old one: then the code to it is not enough."""

from __future__ import annotations

import pytest

from flows import look_up_setup
from flows.look_up_setup import Used
from tests.flows.test_look_ups import edge, says, third
from tests.kit import House
from tests.lookups.test_providers import TYPED, swap_of_twilio
from tests.pages.factors_kit import sign_up
from tests.pages.test_recycled_numbers import ADDRESS, NUMBER, give
from tests.provider import Provider

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what cannot differ between databases
PATH = "/v2/PhoneNumbers/%2B33612345678?Fields=sim_swap"


@pytest.fixture(autouse=True)
def asks(house: House, provider: Provider) -> None:
    config = TYPED["twilio"] | {"base_url": provider.url, "sim_swaps": "on"}
    house.set(lookups={"active": "twilio", "configurations": {"twilio": config}})
    sign_up(house, NUMBER)
    assert provider.requests == [], "nobody else has the number"
    house.clock.forward(3600)


def swapped(provider: Provider, is_so: bool) -> None:
    provider.answer(200, swap_of_twilio(swapped_period="PT24H", swapped_in_period=is_so))


@pytest.mark.parametrize("door", ["/sign-in", "/sign-up"])
def test_the_other_factor_is_asked_for_whichever_way_they_come(house: House, provider: Provider, door: str) -> None:
    give(house, "email", ADDRESS)
    swapped(provider, True)
    browser = house.browser().open(door).send(country="FR", phone=NUMBER).type_code()
    assert browser.path.startswith("/mfa"), browser.text
    assert "a•••@example.com" in browser.text
    assert [seen.path for seen in provider.requests] == [PATH]
    assert browser.open("/account").path == "/sign-in"
    house.clock.forward(120)
    again = house.browser().open(door).send(country="FR", phone=NUMBER).type_code()
    assert again.path.startswith("/mfa")
    assert len(provider.requests) == 1, "what was told is believed for an hour"
    assert look_up_setup.used(house.services) == Used(today=1, most=200, told={}, swapped=1)


@on_sqlite
def test_a_card_that_is_as_it_was_opens_the_account(house: House, provider: Provider) -> None:
    give(house, "email", ADDRESS)
    swapped(provider, False)
    assert house.browser().sign_in(NUMBER).type_code().path == "/account"
    assert len(provider.requests) == 1


@on_sqlite
def test_nobody_is_asked_where_there_is_nothing_else_to_show(house: House, provider: Provider) -> None:
    swapped(provider, True)
    assert house.browser().sign_in(NUMBER).type_code().path == "/account"
    assert provider.requests == []


@on_sqlite
def test_without_an_answer_the_code_is_enough(house: House, provider: Provider) -> None:
    give(house, "email", ADDRESS)
    provider.answer(503)
    assert house.browser().sign_in(NUMBER).type_code().path == "/account"


@on_sqlite
def test_numbers_that_anybody_types_leave_half_of_the_look_ups(house: House, provider: Provider) -> None:
    give(house, "email", ADDRESS)
    house.set(guard={"mode": "on", "look_ups_day": 2})
    edge(house)
    says(provider, "nonFixedVoip")
    third(house, 2)
    third(house, 3)
    assert len(provider.requests) == 1
    swapped(provider, True)
    assert house.browser().sign_in(NUMBER).type_code().path.startswith("/mfa")


@on_sqlite
def test_a_password_is_not_changed_by_the_new_card_alone(house: House, provider: Provider) -> None:
    give(house, "email", ADDRESS)
    house.set(sign_in={"phone": "password_or_code"})
    swapped(provider, True)
    browser = house.browser().open("/forgot-password").send(country="FR", phone=NUMBER).type_code()
    assert browser.path.startswith("/mfa"), browser.text
