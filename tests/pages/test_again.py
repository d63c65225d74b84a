"""Reload, Back, two tabs, double clicks, a page left open: no second message, and no dead end."""

from __future__ import annotations

import pytest

from tests.kit import House
from tests.pages.factors_kit import app_code, member, sign_up

NUMBER, OTHER = "06 12 34 56 78", "06 12 34 56 79"


def test_a_double_click_on_the_first_button_sends_one_message(house: House) -> None:
    browser = house.browser().open("/sign-in")
    token = browser.field("csrf_token")
    for _ in range(2):
        browser.send("/sign-in", csrf_token=token, country="FR", phone=NUMBER)
        assert browser.path == "/sign-in/code"
        browser.open("/sign-in")
    assert house.count("messages") == 1


def test_another_browser_is_told_how_long_to_wait(house: House) -> None:
    house.clock.stop()
    house.browser().sign_in(NUMBER)
    other = house.browser().sign_in(NUMBER)
    assert other.status == 429
    assert other.page.headers["Retry-After"] == "30"
    assert "Try again in 30 seconds" in other.errors[0]


def test_two_tabs_with_two_numbers_do_not_mix(house: House) -> None:
    first = house.browser().sign_in(NUMBER)
    first_ticket, first_code = first.field("ticket"), house.newest_code()
    first.sign_in(OTHER)
    second_ticket, second_code = first.field("ticket"), house.newest_code()
    first.send("/sign-in/code", ticket=second_ticket, code=first_code if first_code != second_code else "x")
    assert first.status == 422
    first.send("/sign-in/code", ticket=first_ticket, code=first_code)
    assert "ending in 78" in first.text
    assert first.path == "/sign-in/create-account"


def test_a_right_code_sent_twice_signs_in_once(house: House) -> None:
    browser = house.browser().open("/sign-up").send(country="FR", phone=NUMBER)
    form = {"csrf_token": browser.field("csrf_token"), "ticket": browser.field("ticket"), "code": house.newest_code()}
    twin = house.app.test_client()
    for name in ("doorcode",):
        cookie = browser.client.get_cookie(name)
        assert cookie
        twin.set_cookie(name, cookie.value)
    browser.send("/sign-up/code", **form)
    assert browser.path == "/account"
    replay = twin.post("/sign-up/code", data=form)
    assert replay.status_code == 409
    assert "has been used" in replay.text
    assert house.count("sessions") == 1


def test_back_after_signing_in_leads_on(house: House) -> None:
    browser = house.browser().open("/sign-up").send(country="FR", phone=NUMBER).type_code()
    assert browser.open("/sign-up/code").path == "/account"
    assert browser.open("/sign-in").path == "/account"


def test_a_page_left_open_past_the_codes_life_asks_for_another(house: House) -> None:
    browser = house.browser().sign_in(NUMBER)
    code = house.newest_code()
    house.clock.forward(601)
    browser.send("/sign-in/code", code=code)
    assert browser.status == 422
    assert "expired" in browser.errors[0]
    browser.send("/sign-in/send-again")
    assert browser.status == 200
    assert browser.type_code().path == "/sign-in/create-account"


def test_a_page_left_open_past_the_tickets_life_starts_again_with_the_number(house: House) -> None:
    browser = house.browser().sign_in(NUMBER)
    code = house.newest_code()
    house.clock.forward(3601)
    browser.send("/sign-in/code", code=code)
    assert browser.status == 409
    assert browser.field("phone") == "+33 6 12 34 56 78"
    browser.send("/sign-in", country="FR", phone=browser.field("phone"))
    assert browser.path == "/sign-in/code"


def test_after_five_wrong_codes_the_right_one_is_refused_and_the_person_starts_again(house: House) -> None:
    browser = house.browser().sign_in(NUMBER)
    code = house.newest_code()
    wrong = "000000" if code != "000000" else "000001"
    for _ in range(4):
        browser.send("/sign-in/code", code=wrong)
        assert browser.status == 422
    browser.send("/sign-in/code", code=wrong)
    assert browser.status == 429
    assert browser.field("phone")
    browser.open("/sign-in/code")
    browser.send("/sign-in/code", code=code)
    assert browser.status == 429
    assert house.count("sessions") == 0


def test_a_browser_without_cookies_is_told_so(house: House) -> None:
    browser = house.browser().open("/sign-in")
    form = {"csrf_token": browser.field("csrf_token"), "country": "FR", "phone": NUMBER}
    reply = house.app.test_client(use_cookies=False).post("/sign-in", data=form)
    assert reply.status_code == 403
    assert "cookies" in reply.text
    assert NUMBER in reply.text
    assert house.count("messages") == 0


def test_a_new_password_is_not_shown_again_where_the_page_was_open_too_long(house: House) -> None:
    form = {"new_password": "four plain words together", "phone": NUMBER}
    for path in ("/forgot-password/new", "/account/password", "/sign-up/name"):
        reply = house.app.test_client().post(path, data=form)
        assert reply.status_code == 403
        assert form["new_password"] not in reply.text, path
        assert "This page was open for a long time" in reply.text, path


def test_the_newest_three_codes_are_good(house: House) -> None:
    browser = house.browser().sign_in(NUMBER)
    codes = [house.newest_code()]
    for wait in (31, 61, 121):
        house.clock.forward(wait)
        browser.send("/sign-in/send-again")
        codes.append(house.newest_code())
    browser.send("/sign-in/code", code=codes[0])
    assert browser.status == 422
    browser.send("/sign-in/code", code=codes[1])
    assert browser.path == "/sign-in/create-account"


@pytest.mark.parametrize(
    ("path", "known", "next_step"),
    [
        ("/sign-in", False, "/sign-in/create-account"),
        ("/sign-in", True, "/mfa/totp"),
        ("/sign-up", True, "/mfa/totp"),
        ("/forgot-password", True, "/mfa/totp"),
        ("/forgot-password", None, "/forgot-password/new"),
    ],
)
def test_a_right_code_sent_twice_leads_on_to_the_step_after_it(
    house: House, path: str, known: bool | None, next_step: str
) -> None:
    """The second click of a double click has the last word in a browser without JavaScript. So has Back."""
    house.set(sign_in={"phone": "code_or_password"}, sign_up={"password": False})
    if known:
        member(house)
    elif known is None:
        sign_up(house)
        house.clock.forward(301)
    browser = house.browser().open(path).send(country="FR", phone=NUMBER)
    page, code = browser.page, house.newest_code()
    assert browser.type_code(code).path == next_step, browser.text
    browser.page = page
    assert browser.type_code(code).path == next_step, browser.text
    assert browser.open(page.request.full_path).path == next_step, "Back"


def test_a_second_factor_sent_twice_leads_on_to_the_new_password(house: House) -> None:
    house.set(sign_in={"phone": "code_or_password"})
    key, _codes = member(house)
    browser = house.browser().open("/forgot-password").send(country="FR", phone=NUMBER).type_code()
    page, shown = browser.page, app_code(house, key)
    assert browser.send("/mfa/totp", code=shown).path == "/forgot-password/new"
    browser.page = page
    assert browser.send("/mfa/totp", code=shown).path == "/forgot-password/new"
    assert browser.open(page.request.full_path).path == "/forgot-password/new", "Back"
    assert browser.send(new_password="nine otters under a bridge").path == "/sign-in"
    browser.page = page
    assert browser.send("/mfa/totp", code=shown).status == 409, "that is over"
