"""Refresh tokens: they turn, a stolen one ends its family, and they end when they should."""

from __future__ import annotations

from flows import clients as clients_flow
from tests.kit import House
from tests.oidc.kit import (
    CALLBACK,
    NUMBER,
    OFFLINE,
    add_shop,
    claims_of,
    shop_client,
    signed_in,
)


def test_refresh_tokens_turn_and_the_sign_in_stays_the_same(house: House) -> None:
    shop = add_shop(house)
    first = shop.tokens(signed_in(house), scope=OFFLINE)
    assert first["refresh_token"] not in repr(house.sql("SELECT * FROM refresh_tokens"))
    house.clock.forward(3600)
    second = shop.refresh(first["refresh_token"]).json
    old, new = claims_of(house, first["id_token"]), claims_of(house, second["id_token"])
    assert {name: old[name] for name in ("iss", "sub", "aud", "auth_time", "amr", "sid")}.items() <= new.items()
    assert "nonce" not in new
    assert new["iat"] > old["iat"]
    third = shop.refresh(second["refresh_token"], scope="openid").json
    assert third["scope"] == "openid"
    assert shop.userinfo(third["access_token"]).json.keys() == {"sub"}
    assert shop.refresh(third["refresh_token"], scope=OFFLINE + " email").json["error"] == "invalid_scope"


def test_a_lost_answer_can_be_asked_for_once_more_and_a_stolen_token_ends_the_family(house: House) -> None:
    house.clock.stop()
    shop = add_shop(house)
    first = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    answered = shop.refresh(first)
    assert answered.status_code == 200
    house.clock.forward(5)
    second = shop.refresh(first)
    assert second.status_code == 200
    assert second.json["refresh_token"] == answered.json["refresh_token"]  # one family has one line
    assert shop.refresh(first).json["error"] == "invalid_grant"
    assert shop.introspect(second.json["access_token"])["active"]  # so far nothing but haste
    house.clock.forward(10)
    assert shop.refresh(first).json["error"] == "invalid_grant"
    assert not shop.introspect(second.json["access_token"])["active"]
    assert shop.refresh(second.json["refresh_token"]).json["error"] == "invalid_grant"


def test_once_the_next_token_is_in_use_no_answer_can_have_been_lost(house: House) -> None:
    shop = add_shop(house)
    first = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    second = shop.refresh(first).json["refresh_token"]
    assert shop.refresh(second).status_code == 200
    assert shop.refresh(first).json["error"] == "invalid_grant"


def test_a_thief_and_the_application_cannot_both_go_on(house: House) -> None:
    """Whoever is second to use the one next token ends the family, so that a theft shows."""
    shop = add_shop(house)
    stolen = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    ours, theirs = shop.refresh(stolen).json, shop.refresh(stolen).json
    house.clock.forward(900)
    thieves_next = shop.refresh(theirs["refresh_token"]).json
    house.clock.forward(60)
    assert shop.refresh(ours["refresh_token"]).json["error"] == "invalid_grant"
    assert shop.refresh(thieves_next["refresh_token"]).json["error"] == "invalid_grant"
    assert shop.userinfo(thieves_next["access_token"]).status_code == 401


def test_a_refresh_that_is_refused_spends_nothing(house: House) -> None:
    shop = add_shop(house)
    token = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    assert shop.refresh(token, scope=OFFLINE + " email").json["error"] == "invalid_scope"
    assert shop.post(grant_type="refresh_token").json["error"] == "invalid_request"
    assert house.sql("SELECT uses, used_at FROM refresh_tokens") == [(0, None)]
    assert shop.refresh(token).status_code == 200


def test_an_application_that_may_no_longer_act_alone_refreshes_nothing(house: House) -> None:
    shop = add_shop(house)
    token = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    values = {"name": "The Shop", "redirect_uris": [CALLBACK], "offline": "off"}
    clients_flow.save(house.services, "test", shop_client(shop), values)
    assert shop.refresh(token).json["error"] == "unauthorized_client"


def test_refresh_tokens_end_when_they_rest_and_after_all(house: House) -> None:
    shop, browser = add_shop(house, refresh_idle_days="2", refresh_days="3"), signed_in(house)
    token = shop.tokens(browser, scope=OFFLINE)["refresh_token"]
    house.clock.forward(1.5 * 86400)
    token = shop.refresh(token).json["refresh_token"]
    house.clock.forward(1.4 * 86400)
    token = shop.refresh(token).json["refresh_token"]
    house.clock.forward(0.2 * 86400)
    assert shop.refresh(token).json["error"] == "invalid_grant"
    token = shop.tokens(browser, scope=OFFLINE)["refresh_token"]
    house.clock.forward(2 * 86400 + 1)
    assert shop.refresh(token).json["error"] == "invalid_grant"


def test_without_offline_access_tokens_end_with_the_session(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    short, long = shop.tokens(browser), shop.tokens(browser, scope=OFFLINE)
    assert "refresh_token" not in short
    browser.open("/account").send("/sign-out")
    assert shop.userinfo(short["access_token"]).status_code == 401
    assert shop.userinfo(long["access_token"]).status_code == 200
    assert shop.refresh(long["refresh_token"]).status_code == 200
    house.sql("DELETE FROM accounts")
    assert shop.userinfo(long["access_token"]).status_code == 401


def test_a_new_password_ends_what_goes_on_without_a_session(house: House) -> None:
    shop, mine = add_shop(house), signed_in(house)
    house.clock.forward(61)
    theirs = house.browser().sign_in(NUMBER).type_code()
    kept, stolen = shop.tokens(mine, scope=OFFLINE), shop.tokens(theirs, scope=OFFLINE)
    mine.open("/account/password").send(new_password="four odd words make one", end_sessions="on")
    assert shop.refresh(stolen["refresh_token"]).json["error"] == "invalid_grant"
    assert shop.userinfo(stolen["access_token"]).status_code == 401
    assert shop.refresh(kept["refresh_token"]).status_code == 200


def test_another_clients_refresh_token_is_nothing(house: House) -> None:
    shop, other = add_shop(house), add_shop(house)
    token = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    assert other.refresh(token).json["error"] == "invalid_grant"
    assert not other.introspect(token)["active"]
    other.post("/oauth/revoke", token=token)
    assert shop.introspect(token)["active"]
    assert shop.refresh(token).status_code == 200


def test_a_refresh_token_that_was_used_still_takes_its_family_along(house: House) -> None:
    """As where the application never saw the next one."""
    shop = add_shop(house)
    first = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    second = shop.refresh(first).json
    shop.post("/oauth/revoke", token=first)
    assert shop.userinfo(second["access_token"]).status_code == 401
    assert shop.refresh(second["refresh_token"]).json["error"] == "invalid_grant"
