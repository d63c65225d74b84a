"""Nothing secret in an address of ours, in a log, or in a Referer: one whole sign-in is watched."""

from __future__ import annotations

import logging
from urllib.parse import unquote

import pytest
from werkzeug.test import TestResponse

from tests.kit import House
from tests.oidc.kit import CALLBACK, E164, NUMBER, add_shop, answer, signed_in
from tests.oidc.test_authorization import here

WATCHED = ("Set-Cookie", "Location")


def test_a_whole_sign_in_leaves_no_secret_behind(sqlite_house: House, caplog: pytest.LogCaptureFixture) -> None:
    house = sqlite_house
    caplog.set_level(logging.DEBUG)
    replies: list[TestResponse] = []
    shop, browser = add_shop(house), house.browser()

    def follow(reply: TestResponse) -> TestResponse:
        replies.append(reply)
        while reply.status_code == 303 and reply.location.startswith("/"):
            reply = browser.client.get(reply.location)
            replies.append(reply)
        browser.page = reply
        return reply

    follow(browser.client.get(shop.url(screen_hint="sign_up", scope="openid phone offline_access", login_hint=E164)))
    data = {name: browser.field(name) for name in ("csrf_token", "ticket") if f'name="{name}"' in browser.page.text}
    follow(browser.client.post(here(browser), data=data | {"country": "FR", "phone": NUMBER}))
    typed, data = house.newest_code(), {name: browser.field(name) for name in ("csrf_token", "ticket")}
    code = answer(follow(browser.client.post(here(browser), data=data | {"code": typed})))["code"]
    tokens = shop.redeem(code).json
    newer = shop.refresh(tokens["refresh_token"]).json
    shop.userinfo(newer["access_token"])
    shop.introspect(newer["access_token"])
    shop.post("/oauth/revoke", token=newer["refresh_token"])
    shop.post(client_secret="wrong-but-secret", grant_type="refresh_token", refresh_token="tried-and-secret")
    shop.redeem("a-secret-of-somebody")

    session = browser.client.get_cookie("doorcode_session")
    assert session
    secret = [shop.secret, typed, E164, E164[1:], "612345678", session.value, "wrong-but-secret", "tried-and-secret"]
    secret += [each[name] for each in (tokens, newer) for name in ("access_token", "id_token", "refresh_token")]
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "/oauth/authorize" in logged  # the log is on
    addresses = [unquote(reply.location) for reply in replies if reply.status_code == 303]
    ours = [address for address in addresses if not address.startswith(CALLBACK)]
    assert len(ours) == len(addresses) - 1 > 2
    for each in [*secret, code, "a-secret-of-somebody"]:
        assert each not in logged
        assert not any(each in address for address in ours)
    assert not any(each in address for each in secret for address in addresses)
    assert all(reply.headers["Referrer-Policy"] == "no-referrer" for reply in replies)
    assert all(reply.headers["Cache-Control"] == "no-store" for reply in replies)


def test_what_goes_wrong_inside_tells_the_log_no_secret(sqlite_house: House, caplog: pytest.LogCaptureFixture) -> None:
    shop = add_shop(sqlite_house)
    code = shop.code(signed_in(sqlite_house))
    sqlite_house.sql("ALTER TABLE grants RENAME TO away")
    caplog.set_level(logging.DEBUG)
    reply = shop.redeem(code)
    assert reply.status_code >= 500
    assert caplog.text
    assert code not in caplog.text
    assert shop.secret not in caplog.text
