"""A second factor that is required now can be set up later, where the settings let it: once, for some days."""

from __future__ import annotations

from tests.kit import Browser, House
from tests.pages.factors_kit import add_app, app_code, sign_up

NUMBER, DAY = "06 12 34 56 78", 86400


def again(house: House) -> Browser:
    house.clock.forward(301)
    return house.browser().sign_in(NUMBER).type_code()


def required(house: House, days: int = 7) -> Browser:
    """Somebody who had an account before a second factor was required, signing in now."""
    sign_up(house, NUMBER)
    house.set(second_factors={"policy": "required", "later_days": days})
    return again(house)


def test_it_is_put_off_once_and_asked_for_when_the_days_are_over(house: House) -> None:
    browser = required(house)
    assert browser.path == "/mfa/enrol"
    assert "Later: you have 7 days" in browser.text
    assert browser.open("/account/phones").path == "/mfa/enrol", "until then nothing else opens"
    assert browser.send("/complete/later").path == "/account"
    assert browser.open("/account/phones").path == "/account/phones"
    assert again(house).path == "/account"
    house.clock.forward(8 * DAY)
    browser = again(house)
    assert browser.path == "/mfa/enrol"
    assert "Later" not in browser.text
    assert browser.send("/complete/later").path == "/mfa/enrol", "not a second time"
    add_app(house, browser)
    assert again(house).path == "/mfa/totp"


def test_where_it_cannot_wait_nobody_is_offered_it(house: House) -> None:
    browser = required(house, days=0)
    assert "Later" not in browser.text
    assert browser.send("/complete/later").path == "/mfa/enrol"
    assert house.sql("SELECT later_until FROM accounts")[0][0] is None


def test_days_that_are_taken_back_are_over_at_the_next_sign_in(house: House) -> None:
    browser = required(house).send("/complete/later")
    assert browser.path == "/account"
    house.set(second_factors={"later_days": 0})
    assert again(house).path == "/mfa/enrol"


def test_nothing_else_that_is_missing_can_wait(house: House) -> None:
    sign_up(house, NUMBER)
    house.set(second_factors={"policy": "required", "later_days": 7}, sign_up={"password": True})
    browser = again(house)
    assert browser.path == "/complete/password"
    assert browser.send("/complete/later").path == "/complete/password"
    browser.send(new_password="four horses by the sea")
    assert browser.path == "/mfa/enrol"
    assert browser.send("/complete/later").path == "/account"


def test_who_has_a_factor_shows_it_whatever_can_wait(house: House) -> None:
    browser = required(house)
    key = add_app(house, browser)
    house.set(second_factors={"later_days": 60})
    browser = again(house)
    assert browser.path == "/mfa/totp"
    browser.send("/complete/later")
    assert house.sql("SELECT later_until FROM accounts")[0][0] is None
    browser.open("/sign-in")
    assert again(house).send(code=app_code(house, key)).path == "/account"
