"""A second factor is offered to who signs in without one, once, and waits for nobody's answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit import Browser, House
from tests.oidc.test_embedding import IN_FRAME, SITE, framed_shop, may_be_framed, told
from tests.pages.factors_kit import NUMBER, add_app, app_code, codes_shown, first_step, key_shown, sign_up

OFFER = "/mfa/enrol/offer"
DAY = 86400


def offering(house: House, **second_factors: Any) -> None:
    house.set(second_factors={"policy": "offered"} | second_factors)


def again(house: House) -> Browser:
    house.clock.forward(301)
    return first_step(house)


def test_who_has_none_is_asked_after_signing_in_until_they_answer(house: House) -> None:
    offering(house)
    browser = sign_up(house)
    assert browser.path == OFFER
    assert "Make your account safer" in browser.text
    assert "Authenticator app" in browser.text
    assert browser.open("/account/security").path == "/account/security", "nothing waits for the answer"
    assert again(house).path == OFFER, "that was no answer"
    browser.open(OFFER).send()
    assert browser.path == "/account"
    assert again(house).path == "/account", "not now"
    assert [row.kind for row in house.sql("SELECT kind FROM events")].count("factor_put_off") == 1
    house.clock.forward(90 * DAY)
    assert again(house).path == OFFER, "that is long ago"


def test_saying_it_twice_or_where_nothing_is_offered_changes_nothing(house: House) -> None:
    offering(house)
    browser = sign_up(house)
    page = browser.page
    for _ in range(2):
        browser.page = page
        browser.send()
        assert browser.path == "/account"
    house.set(second_factors={"policy": "off"})
    browser.page = page
    assert browser.send().path == "/account"
    assert [row.kind for row in house.sql("SELECT kind FROM events")].count("factor_put_off") == 1


def test_who_says_yes_sets_one_up_like_anybody_and_is_never_asked_again(house: House) -> None:
    offering(house)
    browser = sign_up(house).open("/mfa/enrol")
    assert "Not now" in browser.text
    key = add_app(house, browser)
    assert len(codes_shown(browser)) == 10
    assert browser.send("/mfa/enrol/backup-codes").path == "/account"
    assert browser.open(OFFER).path == "/account"
    assert again(house).send("/mfa/totp", code=app_code(house, key)).path == "/account"
    add_app(house, browser.open("/account/security"))
    browser.send("/mfa/enrol/backup-codes")
    assert browser.open("/account/security").path == "/account/security"


@pytest.mark.parametrize(
    "sections",
    [
        {"second_factors": {"policy": "off"}},
        {"second_factors": {"policy": "offered", "offer_days": 0}},
        {"second_factors": {"policy": "offered"}, "account_centre": {"factors": "read"}},
        {"second_factors": {"policy": "offered"}, "account_centre": {"factors": "off"}},
        {"second_factors": {"policy": "offered", "totp": False, "passkey": False, "sms": False}},
    ],
    ids=["off", "never", "read only", "not shown", "no kind is on"],
)
def test_nobody_is_asked_for_what_they_cannot_do(sqlite_house: House, sections: dict[str, dict[str, Any]]) -> None:
    sqlite_house.set(**sections)
    browser = sign_up(sqlite_house)
    assert browser.path == "/account"
    assert browser.open(OFFER).path == "/account"


def test_a_number_that_codes_go_to_after_the_password_is_a_second_factor_already(sqlite_house: House) -> None:
    offering(sqlite_house)
    sqlite_house.set(sign_up={"password": True}, sign_in={"phone": "password"})
    browser = sign_up(sqlite_house).send(new_password="four horses by the sea")
    assert browser.path == "/account"


def test_what_is_missing_comes_first_and_then_the_offer(sqlite_house: House) -> None:
    offering(sqlite_house)
    sqlite_house.set(sign_up={"terms_url": "https://example.com/terms"})
    browser = sign_up(sqlite_house)
    assert browser.path == "/complete/terms"
    assert browser.open(OFFER).path == "/complete/terms"
    assert browser.send().path == OFFER
    assert browser.send().path == "/account"


def here(browser: Browser) -> str:
    """The page's address with the application's request in it, which a form of it is sent to."""
    return str(browser.page.request.full_path)


@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.parametrize("in_frame", [True, False])
def test_an_application_gets_its_answer_after_the_offer(sqlite_house: House, yes: bool, in_frame: bool) -> None:
    offering(sqlite_house)
    shop = framed_shop(sqlite_house)
    browser = sqlite_house.browser(**(IN_FRAME if in_frame else {}))
    browser.open(shop.url(screen_hint="sign_up", display="frame" if in_frame else None))
    browser.send(here(browser), country="FR", phone=NUMBER).send(here(browser), code=sqlite_house.newest_code())
    assert browser.path == OFFER
    pages = [browser.page]
    if yes:
        request = "request_id=" + browser.page.request.args["request_id"]
        pages.append(browser.open(f"/mfa/enrol?{request}").page)
        sqlite_house.sql("UPDATE sessions SET proved_at = 1")  # they took their time
        pages.append(browser.send(here(browser), kind="totp").page)
        assert browser.path == "/account/prove"
        sqlite_house.clock.forward(301)
        browser.send(f"/account/prove/send?{request}", place="0")
        pages.append(browser.page)
        browser.send(here(browser), code=sqlite_house.newest_code())
        assert browser.path == "/mfa/enrol"
        pages.append(browser.send(here(browser), kind="totp").page)
        browser.send(here(browser), code=app_code(sqlite_house, key_shown(browser)))
        assert browser.path == "/mfa/enrol/backup-codes"
        pages.append(browser.page)
    browser.send(here(browser))
    assert told(browser.page)[1]["code"]
    assert {may_be_framed(page) for page in pages} == {SITE if in_frame else ""}


def test_a_frame_shows_no_page_that_adds_something_to_who_was_not_asked(sqlite_house: House) -> None:
    offering(sqlite_house)
    key = add_app(sqlite_house, sign_up(sqlite_house))
    sqlite_house.clock.forward(301)
    shop = framed_shop(sqlite_house)
    browser = sqlite_house.browser(**IN_FRAME)
    browser.open(shop.url()).send(here(browser), country="FR", phone=NUMBER)
    browser.send(here(browser), code=sqlite_house.newest_code())
    browser.send(here(browser), code=app_code(sqlite_house, key))
    assert told(browser.page)[1]["code"]
    request = browser.client.get(shop.url(prompt="login"), headers=IN_FRAME).location.partition("?")[2]
    assert may_be_framed(browser.client.get(f"/mfa/enrol?{request}", headers=IN_FRAME)) == ""
