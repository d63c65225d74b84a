"""A fresh proof for a sensitive act: who is asked for more, and that tokens say of it what was so, and no more."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from oidc.frame import ONE_PROOF, TWO_PROOFS
from tests.kit import Browser, House
from tests.oidc.kit import NUMBER, Shop, add_shop, answer, claims_of, signed_in
from tests.pages.factors_kit import add_app, app_code, member

ALONE = json.dumps({"id_token": {"acr": {"essential": True, "values": [TWO_PROOFS]}}})
BOTH = ["pwd", "otp", "sms", "mfa"]
PASSWORD, CODE = {"by": "password", "kind": "phone"}, {"by": "code", "kind": "phone"}


def once_more(house: House, browser: Browser, address: str) -> Browser:
    """The first step of signing in again, for the request that waits."""
    assert address.startswith("/sign-in?"), address
    browser.open(address).send(browser.page.request.full_path, country="FR", phone=NUMBER)
    return browser.send(browser.page.request.full_path, code=house.newest_code())


def show_app(house: House, shop: Shop, browser: Browser, key: str) -> dict[str, Any]:
    """The second step; the claims that the application gets."""
    assert browser.path == "/mfa/totp", browser.text
    form = {name: browser.field(name) for name in ("csrf_token", "ticket")} | {"code": app_code(house, key)}
    reply = browser.client.post(browser.page.request.full_path, data=form)
    back = browser.client.get(browser.client.get(reply.location).location)
    return claims_of(house, shop.redeem(answer(back)["code"]).json["id_token"])


@pytest.mark.parametrize("asked", [{"acr_values": f"{TWO_PROOFS} {ONE_PROOF}"}, {"claims": ALONE}])
def test_who_has_a_second_factor_is_asked_for_it_also_in_a_trusted_browser(house: House, asked: dict[str, str]) -> None:
    key, _codes = member(house, trusted_days=30)
    house.set(second_factors={"policy": "off"})
    shop, browser = add_shop(house), house.browser().sign_in(NUMBER).type_code()
    assert browser.path == "/account"
    assert (
        claims_of(house, shop.tokens(browser, acr_values=f"{ONE_PROOF} {TWO_PROOFS}")["id_token"])["acr"] == ONE_PROOF
    )
    house.clock.forward(3600)
    assert answer(browser.client.get(shop.url(**asked, prompt="none")))["error"] == "login_required"
    address = browser.client.get(shop.url(**asked, max_age="300")).location
    claims = show_app(house, shop, once_more(house, browser, address), key)
    assert (claims["acr"], claims["amr"]) == (TWO_PROOFS, ["otp", "sms"])
    assert abs(claims["auth_time"] - house.clock()) < 5
    assert "code" in answer(browser.client.get(shop.url(**asked, max_age="300"))), "once is enough for a while"


def test_who_has_none_goes_on_where_that_will_do_and_sets_one_up_where_not(house: House) -> None:
    house.set(sign_in={"phone": "code_or_password"}, second_factors={"policy": "off"})
    shop, browser = add_shop(house), signed_in(house)
    assert claims_of(house, shop.tokens(browser, acr_values=TWO_PROOFS)["id_token"])["acr"] == ONE_PROOF
    on = {"totp": True, "passkey": True}
    house.set(second_factors=dict.fromkeys(on, False))
    told = answer(browser.client.get(shop.url(claims=ALONE)))
    assert told["error"] == "unmet_authentication_requirements", "nobody could set one up"
    house.set(second_factors=on)
    house.clock.forward(31)
    address = browser.client.get(shop.url(claims=ALONE)).location
    assert once_more(house, browser, address).path == "/mfa/enrol"
    waiting = address.partition("?")[2]
    browser.send(f"/mfa/enrol?{waiting}", kind="totp")
    key = re.search(r'<bdi class="key">([A-Z2-7]{32})</bdi>', browser.page.text)
    assert key, browser.text
    form = {name: browser.field(name) for name in ("csrf_token", "ticket")} | {"code": app_code(house, key[1])}
    assert browser.client.post(browser.page.request.full_path, data=form).status_code == 303
    house.clock.forward(61)
    page = browser.open(f"/oauth/authorize?{waiting}")
    assert (page.path, "That is all" in page.text) == ("/complete", True)
    reply = browser.client.post(page.page.request.full_path, data={"csrf_token": page.field("csrf_token")})
    back = browser.client.get(browser.client.get(reply.location).location)
    claims = claims_of(house, shop.redeem(answer(back)["code"]).json["id_token"])
    assert (claims["acr"], claims["amr"]) == (TWO_PROOFS, ["otp", "sms"]), "the app was shown when it was set up"


def test_a_factor_that_nobody_had_to_set_up_is_no_proof(sqlite_house: House) -> None:
    """Whoever found an open session could add one of their own to it."""
    sqlite_house.set(second_factors={"policy": "offered"})
    shop, browser = add_shop(sqlite_house), signed_in(sqlite_house)
    add_app(sqlite_house, browser)
    assert browser.client.get(shop.url(claims=ALONE)).location.startswith("/sign-in?")


def test_nor_is_it_where_something_else_is_missing(sqlite_house: House) -> None:
    house = sqlite_house
    house.set(second_factors={"policy": "offered"}, sign_up={"identifier": "phone_and_email"})
    browser = house.browser().open("/sign-up").send(country="FR", phone=NUMBER).type_code()
    assert browser.path == "/account/emails/add"
    add_app(house, browser)
    [row] = house.sql("SELECT pending, proofs FROM sessions")
    assert (bool(row.pending), [each["by"] for each in json.loads(row.proofs)]) == (True, ["code"])


@pytest.mark.parametrize(
    ("shown", "asked", "expected"),
    [
        ([PASSWORD | {"at": -86400}, CODE | {"at": -60}], {}, (TWO_PROOFS, BOTH, 60)),
        ([PASSWORD | {"at": -86400}, CODE | {"at": -60}], {"max_age": "300"}, (ONE_PROOF, ["otp", "sms"], 60)),
        ([PASSWORD | {"at": -90}, CODE | {"at": -9}], {"max_age": "300"}, (TWO_PROOFS, BOTH, 9)),
        ([PASSWORD | {"at": -86400}, CODE | {"at": -60}], {"max_age": "300", "claims": ALONE}, None),
        ([PASSWORD | {"at": -86400}, CODE | {"at": -3600}], {"max_age": "300"}, None),
        ([CODE | {"at": -60}], {"max_age": "300"}, (ONE_PROOF, ["otp", "sms"], 60)),
    ],
)  # fmt: skip
def test_what_is_too_old_counts_for_nothing(
    sqlite_house: House, shown: list[dict[str, Any]], asked: dict[str, str], expected: tuple[str, list[str], int] | None
) -> None:
    shop, browser = add_shop(sqlite_house), signed_in(sqlite_house)
    now = sqlite_house.clock()
    proofs = json.dumps([proof | {"at": now + proof["at"]} for proof in shown])
    sqlite_house.sql("UPDATE sessions SET proofs = :proofs", proofs=proofs)
    if expected is None:
        assert browser.client.get(shop.url(**asked)).location.startswith("/sign-in?")
        return
    tokens = shop.tokens(browser, **asked)
    for token in ("id_token", "access_token"):
        claims = claims_of(sqlite_house, tokens[token])
        assert (claims["acr"], claims["amr"]) == expected[:2]
        assert abs(now - expected[2] - claims["auth_time"]) <= 1
