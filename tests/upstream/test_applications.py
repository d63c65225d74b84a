"""An application sends its person here, they go on to another provider, and come back to the application signed in."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from tests.kit import Browser, House
from tests.oidc.kit import CALLBACK, E164, NUMBER, Shop, add_shop, answer, claims_of
from tests.oidc.test_embedding import IN_FRAME, framed_shop
from tests.pages.factors_kit import app_code, member
from tests.upstream.kit import Elsewhere, away_from, elsewhere, offer
from tests.upstream.test_doorcode import Other, other

__all__ = ["other"]  # a fixture


@pytest.fixture
def provider(house: House) -> Iterator[Elsewhere]:
    with elsewhere() as found:
        offer(house, found.url)
        yield found


def left(browser: Browser, shop: Shop, **more: str) -> str:
    """From the application by our page to the provider: where the browser is sent."""
    browser.open(shop.url(**more))
    assert browser.path == "/sign-in", browser.text
    query = browser.page.request.full_path.partition("?")[2]
    browser.send(f"/upstream/openid/start?{query}", flow="sign_in")
    return away_from(browser)


def follow(browser: Browser, reply: TestResponse) -> TestResponse:
    """Until a page shows, or the browser is back at the application."""
    while reply.status_code == 303 and not reply.location.startswith(CALLBACK):
        reply = browser.client.get(reply.location)
    browser.page = reply
    return reply


def arrived(browser: Browser, brought: dict[str, str]) -> TestResponse:
    return follow(browser, browser.client.get(f"/upstream/openid/arrive?{urlencode(brought)}"))


def pressed(browser: Browser, path: str, **fields: str) -> TestResponse:
    """The page's form, sent with the request that waits in its address."""
    query = browser.page.request.full_path.partition("?")[2]
    hidden = [name for name in ("csrf_token", "ticket") if f'name="{name}"' in browser.page.text]
    data = {name: browser.field(name) for name in hidden} | fields
    return follow(browser, browser.client.post(f"{path}?{query}", data=data))


def test_somebody_new_and_the_same_again(house: House, provider: Elsewhere) -> None:
    house.set(sign_in={"email": "code"}, sign_up={"identifier": "phone_or_email"})
    shop, browser = add_shop(house), house.browser()
    page = arrived(browser, provider.authorize(left(browser, shop)))
    assert "The Shop" in page.text
    told = answer(pressed(browser, "/linking/separate"))
    assert told["state"] == "a state"
    first = claims_of(house, shop.redeem(told["code"]).json["id_token"])
    assert (first["amr"], first["acr"]) == ([], "urn:doorcode:acr:1"), "by what they proved it there, nobody tells"
    again = house.browser()
    told = answer(arrived(again, provider.authorize(left(again, shop))))
    assert claims_of(house, shop.redeem(told["code"]).json["id_token"])["sub"] == first["sub"]
    once_more = answer(arrived(again, provider.authorize(left(again, shop, prompt="login"))))
    assert "code" in once_more, "also where they are signed in and have to sign in again"


def test_the_account_is_proved_first_its_second_factor_too(house: House, provider: Elsewhere) -> None:
    key, _codes = member(house)
    provider.claims = {"sub": "ada", "phone_number": E164, "phone_number_verified": True}
    provider.lies = {"exp": int(house.clock()) + 60, "iat": int(house.clock())}
    shop, browser = add_shop(house), house.browser()
    arrived(browser, provider.authorize(left(browser, shop)))
    pressed(browser, "/linking/send")
    pressed(browser, "/linking/code", code=house.newest_code())
    assert browser.path == "/mfa/totp", browser.text
    told = answer(pressed(browser, "/mfa/totp", code=app_code(house, key)))
    claims = claims_of(house, shop.redeem(told["code"]).json["id_token"])
    assert (claims["amr"], claims["acr"]) == (["otp", "sms"], "urn:doorcode:acr:2")
    assert house.count("upstream_identities") == 1


def test_an_application_that_allows_other_ways_only_shows_no_button_and_takes_nobody(
    house: House, provider: Elsewhere
) -> None:
    shop, browser = add_shop(house, methods=["phone_code"]), house.browser()
    browser.open(shop.url())
    assert "Elsewhere" not in browser.text
    query = browser.page.request.full_path.partition("?")[2]
    assert browser.send(f"/upstream/openid/start?{query}", flow="sign_in").status == 403


def test_in_a_frame_there_is_no_button_for_its_page_could_not_be_shown_there(house: House, provider: Elsewhere) -> None:
    shop = framed_shop(house)
    browser = house.browser(**IN_FRAME).open(shop.url())
    assert ("Phone number" in browser.text, "Elsewhere" in browser.text) == (True, False)
    query = browser.page.request.full_path.partition("?")[2]
    assert browser.send(f"/upstream/openid/start?{query}", flow="sign_in").status == 403
    alone = framed_shop(house, methods=["upstream"])
    assert house.browser(**IN_FRAME).open(alone.url()).status == 403
    assert house.browser().open(alone.url(display=None)).status == 200


def test_by_another_doorcode(house: House, other: Other) -> None:
    shop, browser = add_shop(house), house.browser()
    arrived(browser, other.go(left(browser, shop)))
    page = pressed(browser, "/linking/separate")
    assert page.request.path == "/account/phones/add", "what the account lacks is asked for before"
    pressed(browser, "/account/phones/add", country="FR", phone=NUMBER)
    told = answer(pressed(browser, browser.path, code=house.newest_code()))
    assert shop.userinfo(shop.redeem(told["code"]).json["access_token"]).json["phone_number"] == E164
    again = house.browser()
    assert "code" in answer(arrived(again, other.go(left(again, shop))))
