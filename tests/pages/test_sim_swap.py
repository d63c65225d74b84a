"""Whoever has a number's new SIM card may not be who had the old one: then the code to it is not enough."""

from __future__ import annotations

import pytest

from flows import look_up_setup
from flows.look_up_setup import Used
from rules import passwords
from tests.api.kit import account_program, reason
from tests.api.test_acts import ACT, check
from tests.flows.test_look_ups import edge, says, third
from tests.kit import Browser, House
from tests.lookups.test_providers import TYPED, swap_of_twilio
from tests.pages.factors_kit import add_app, app_code, sign_up
from tests.pages.test_recycled_numbers import ADDRESS, NUMBER, PASSWORD, give
from tests.provider import Provider

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what cannot differ between databases
CHANGED = "The SIM card of this number was changed lately, so a code to it is not enough here. Use another way."
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


# Who is known already


@pytest.fixture
def someone(house: House, asks: None) -> Browser:
    """Signed in with the number, an hour after the last proof."""
    browser = house.browser().sign_in(NUMBER).type_code()
    house.clock.forward(3600)
    return browser


@on_sqlite
def test_a_code_to_a_changed_card_is_no_fresh_proof_where_there_is_a_better_one(
    house: House, provider: Provider, someone: Browser
) -> None:
    give(house, "email", ADDRESS)
    swapped(provider, True)
    someone.open("/account/prove").send("/account/prove/send", place="1").type_code()
    assert (someone.path, someone.status) == ("/account/prove/code", 403)
    assert someone.errors == [CHANGED]
    assert someone.open("/account/phones/add").path == "/account/prove", "nothing sensitive opens"
    someone.open("/account/prove").send("/account/prove/send", place="0").type_code()
    assert someone.open("/account/phones/add").path == "/account/phones/add"
    assert len(provider.requests) == 1, "an address has no card"


@on_sqlite
def test_of_two_numbers_neither_keeps_the_other_out_where_both_cards_were_changed(
    house: House, provider: Provider, someone: Browser
) -> None:
    give(house, "phone", "+33698765432")
    swapped(provider, True)
    someone.open("/account/prove").send("/account/prove/send", place="0").type_code()
    assert someone.open("/account/phones/add").path == "/account/phones/add"
    assert len(provider.requests) == 2


@on_sqlite
def test_the_other_number_is_asked_for_where_its_card_is_as_it_was(
    house: House, provider: Provider, someone: Browser
) -> None:
    give(house, "phone", "+33698765432")
    provider.decide(lambda seen: (200, swap_of_twilio(swapped_period="PT24H", swapped_in_period=seen.path == PATH)))
    someone.open("/account/prove").send("/account/prove/send", place="0").type_code()
    assert someone.errors == [CHANGED]
    house.clock.forward(61)
    someone.open("/account/prove").send("/account/prove/send", place="1").type_code()
    assert someone.open("/account/phones/add").path == "/account/phones/add"


@on_sqlite
def test_a_right_code_is_no_wrong_try_where_the_card_refuses_it(
    house: House, provider: Provider, someone: Browser
) -> None:
    give(house, "email", ADDRESS)
    swapped(provider, True)
    someone.open("/account/prove").send("/account/prove/send", place="1")
    for _ in range(7):
        assert someone.type_code().errors == [CHANGED]
    house.sql("DELETE FROM identifiers WHERE kind = 'email'")
    assert someone.type_code().path == "/account", "it is still good"


@on_sqlite
def test_it_is_one_where_nothing_else_can_be_shown(house: House, provider: Provider, someone: Browser) -> None:
    swapped(provider, True)
    someone.open("/account/prove").send("/account/prove/send", place="0").type_code()
    assert someone.open("/account/phones/add").path == "/account/phones/add"
    assert provider.requests == []


@on_sqlite
def test_nor_is_it_a_second_step_beside_an_app(house: House, provider: Provider, someone: Browser) -> None:
    """Whoever took the number over may know the password too."""
    house.set(second_factors={"policy": "offered", "sms": True}, sign_in={"phone": "password_or_code"})
    house.sql("UPDATE accounts SET password_hash = :hash", hash=passwords.hash_password(PASSWORD))
    someone.open("/account/prove").send("/account/prove/password", password=PASSWORD)
    key = add_app(house, someone)
    house.clock.forward(3600)
    swapped(provider, True)
    browser = house.browser().sign_in(NUMBER).send("/sign-in/password", password=PASSWORD)
    ticket = browser.page.request.args["ticket"]
    browser.open(f"/mfa/sms?ticket={ticket}").send("/mfa/sms", place="0").type_code()
    assert (browser.path, browser.errors) == ("/mfa/code", [CHANGED])
    assert f'href="/mfa/ways?ticket={ticket}"' in browser.page.text
    browser.open(f"/mfa/totp?ticket={ticket}").send(code=app_code(house, key))
    assert browser.path == "/account"


@on_sqlite
def test_an_act_is_confirmed_from_a_changed_card_by_who_has_shown_more(house: House, provider: Provider) -> None:
    program = account_program(house)
    give(house, "email", ADDRESS)
    swapped(provider, True)
    ways = {each["kind"]: each["id"] for each in program.get("/verifications/ways").json["items"]}
    act = program.post("/acts", {"text": ACT, "send_code_to": ways["phone"]}).json["id"]
    refused = check(program, act, code := house.newest_code())
    assert (refused.status_code, reason(refused)) == (403, "changed_card")
    shown = program.post("/verifications", {"send_code_to": ways["email"]}).json["id"]
    program.post(f"/verifications/{shown}/check", {"code": house.newest_code()})
    program.headers["Doorcode-Verification-Id"] = shown
    assert check(program, act, code).json.keys() == {"statement"}
