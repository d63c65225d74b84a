"""A device without a browser, and requests that are pushed ahead."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from tests.kit import Browser, House
from tests.oidc.kit import CALLBACK, E164, NUMBER, Shop, account_id, add_shop, answer, challenge, signed_in
from tests.oidc.test_authorization import here
from tests.rules.test_redirects import MUTATIONS

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def begin(shop: Shop, scope: str = "openid phone offline_access") -> dict[str, str]:
    reply = shop.post("/oauth/device", scope=scope)
    assert reply.status_code == 200, reply.text
    found: dict[str, str] = reply.json
    return found


def poll(shop: Shop, begun: dict[str, str]) -> TestResponse:
    return shop.post(grant_type=GRANT, device_code=begun["device_code"])


def type_it(browser: Browser, user_code: str) -> Browser:
    return browser.open("/device").send(code=user_code)


def test_a_device_gets_its_tokens_once_its_person_agrees(house: House) -> None:
    house.clock.stop()
    shop, browser = add_shop(house, "native"), signed_in(house)
    begun = begin(shop)
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", begun["user_code"])
    assert begun["device_code"] not in repr(house.sql("SELECT * FROM device_codes"))
    assert poll(shop, begun).json["error"] == "authorization_pending"
    assert poll(shop, begun).json["error"] == "slow_down"
    page = browser.open(begun["verification_uri_complete"].removeprefix(house.services.environment.public_url))
    assert page.field("code") == begun["user_code"]
    type_it(browser, begun["user_code"].lower().replace("-", " "))
    assert browser.path == "/openid/consent"
    assert "Allow The Shop to use your account?" in browser.text
    house.clock.forward(11)
    assert poll(shop, begun).json["error"] == "authorization_pending"
    browser.send(here(browser))
    assert browser.path == "/openid/device-done"
    told = poll(shop, begun).json
    assert shop.userinfo(told["access_token"]).json["phone_number"] == E164
    assert shop.refresh(told["refresh_token"]).status_code == 200
    assert poll(shop, begun).json["error"] == "invalid_grant"


def test_a_stranger_signs_in_on_the_way(house: House) -> None:
    shop = add_shop(house, "native")
    signed_in(house)
    house.clock.forward(3600)
    begun, browser = begin(shop), house.browser()
    type_it(browser, begun["user_code"])
    assert browser.path == "/sign-in"
    assert "The Shop" in browser.text
    browser.send(here(browser), country="FR", phone=NUMBER)
    browser.send(here(browser), code=house.newest_code())
    assert browser.path == "/openid/consent"
    browser.send(here(browser))
    assert browser.path == "/openid/device-done"
    assert poll(shop, begun).status_code == 200


def test_a_no_and_the_end_of_its_time_are_told(house: House) -> None:
    shop, browser = add_shop(house, "native"), signed_in(house)
    begun = begin(shop)
    type_it(browser, begun["user_code"])
    browser.send("/openid/back?" + browser.page.request.query_string.decode())
    assert browser.path == "/openid/device-done"
    assert poll(shop, begun).json["error"] == "access_denied"
    begun = begin(shop)
    house.clock.forward(601)
    assert poll(shop, begun).json["error"] == "expired_token"
    assert type_it(browser, begun["user_code"]).status == 422


def test_codes_cannot_be_guessed_through(house: House) -> None:
    browser = signed_in(house)
    for _ in range(20):
        assert type_it(browser, "BCDF-GHJK").status == 422
    assert type_it(browser, begin(add_shop(house, "native"))["user_code"]).status == 400
    assert "Too many codes" in browser.text


def test_only_who_may_can_use_the_device_flow(house: House) -> None:
    web, shop, other = add_shop(house), add_shop(house, "native"), add_shop(house, "native")
    assert web.post("/oauth/device", scope="openid").json["error"] == "unauthorized_client"
    assert shop.post("/oauth/device", scope="openid admin").json["error"] == "invalid_scope"
    assert poll(other, begin(shop)).json["error"] == "invalid_grant"
    assert poll(shop, {"device_code": "guess"}).json["error"] == "invalid_grant"


def test_nobody_can_pass_an_applications_request_for_a_devices(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    reply = browser.client.get(
        "/oauth/authorize",
        query_string={"client_id": shop.client_id, "device code hash": "x", "scope": "openid"},
    )
    assert reply.status_code == 400
    assert house.count("authorization_requests") == 0


# Pushed requests


def push(shop: Shop, **more: str | None) -> TestResponse:
    asked: dict[str, str | None] = {
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid",
        "state": "pushed",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    return shop.post("/oauth/par", **asked | more)


def test_a_pushed_request_is_used_once_as_it_was_pushed(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    reply = push(shop)
    assert reply.status_code == 201
    assert reply.json["expires_in"] == 90
    assert shop.secret not in repr(house.sql("SELECT * FROM authorization_requests"))
    asked = {"client_id": shop.client_id, "request_uri": reply.json["request_uri"], "scope": "openid phone"}
    told = answer(browser.client.get("/oauth/authorize", query_string=asked))
    assert told["state"] == "pushed"
    tokens = shop.redeem(told["code"]).json
    assert tokens["scope"] == "openid"
    assert shop.userinfo(tokens["access_token"]).json == {"sub": account_id(house)}
    assert browser.client.get("/oauth/authorize", query_string=asked).status_code == 400


def test_a_pushed_request_belongs_to_its_client_and_ends_soon(house: House) -> None:
    shop, other, browser = add_shop(house), add_shop(house), signed_in(house)
    uri = push(shop).json["request_uri"]
    for client_id, request_uri in (
        (other.client_id, uri),
        (shop.client_id, uri + "x"),
        (shop.client_id, uri[:-1]),
    ):
        asked = {"client_id": client_id, "request_uri": request_uri}
        assert browser.client.get("/oauth/authorize", query_string=asked).status_code == 400
    house.clock.forward(91)
    asked = {"client_id": shop.client_id, "request_uri": uri}
    assert browser.client.get("/oauth/authorize", query_string=asked).status_code == 400


def test_what_is_wrong_is_told_when_it_is_pushed(house: House) -> None:
    shop, other = add_shop(house), add_shop(house)
    for more, error in (
        ({"redirect_uri": CALLBACK + "/"}, "invalid_request"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "request_uri_not_supported"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": other.client_id}, "invalid_client"),
    ):
        assert push(shop, **more).json["error"] == error, more
    assert house.count("authorization_requests") == 0


@pytest.mark.parametrize("uri", MUTATIONS)
def test_no_writing_of_the_address_but_its_own_can_be_pushed(sqlite_house: House, uri: str) -> None:
    """Nor posted as a form."""
    shop = add_shop(sqlite_house, redirect_uris=["https://app.example.com/callback?tenant=1"])
    assert push(shop, redirect_uri=uri).json["error"] == "invalid_request"
    asked = {"client_id": shop.client_id, "response_type": "code", "scope": "openid", "redirect_uri": uri}
    reply = sqlite_house.app.test_client().post("/oauth/authorize", data=asked)
    assert (reply.status_code, reply.location) == (400, None)
    assert sqlite_house.count("authorization_requests") == 0
