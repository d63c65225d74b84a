"""Signing out at an application's wish, and telling the others."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest

from storage import sessions
from tests.kit import Browser, House, serving, wait_until
from tests.oidc.kit import Shop, add_shop, answer, claims_of, header_of, signed_in, unsigned
from tests.provider import Provider
from tests.services import free_port

AFTER = "https://shop.example.com/bye"


def out(shop: Shop, browser: Browser, **asked: str) -> Browser:
    return browser.open("/oauth/logout?" + urlencode(asked))


def test_with_an_id_token_the_session_ends_at_once_and_the_application_gets_its_state(house: House) -> None:
    shop, browser = add_shop(house, post_logout_redirect_uris=[AFTER]), signed_in(house)
    hint = shop.tokens(browser)["id_token"]
    house.clock.forward(3600)  # also with one that has expired
    reply = browser.client.get(
        "/oauth/logout?" + urlencode({"id_token_hint": hint, "post_logout_redirect_uri": AFTER, "state": "a b&c"})
    )
    assert reply.status_code == 303
    assert reply.location == AFTER + "?state=a+b%26c"
    assert house.count("sessions") == 0
    assert answer(browser.client.get(shop.url(prompt="none")))["error"] == "login_required"


def test_also_by_a_form_of_the_application_which_carries_no_cookie(house: House) -> None:
    shop, browser = add_shop(house, post_logout_redirect_uris=[AFTER]), signed_in(house)
    hint = shop.tokens(browser)["id_token"]
    form = {"id_token_hint": hint, "post_logout_redirect_uri": AFTER}
    reply = house.app.test_client().post("/oauth/logout", data=form)
    assert reply.location == AFTER
    assert house.count("sessions") == 0


def test_without_one_the_person_is_asked_first(house: House) -> None:
    shop, browser = add_shop(house, post_logout_redirect_uris=[AFTER]), signed_in(house)
    for asked in ({}, {"state": "x"}, {"client_id": shop.client_id, "post_logout_redirect_uri": AFTER}):
        page = out(shop, browser, **asked)
        assert "Do you want to sign out?" in page.text
        assert house.count("sessions") == 1
    assert browser.client.post("/openid/sign-out").status_code == 403
    fields = {name: page.field(name) for name in ("csrf_token", "client_id", "post_logout_redirect_uri")}
    reply = browser.client.post("/openid/sign-out", data=fields)
    assert reply.location == AFTER
    assert house.count("sessions") == 0


def test_also_where_the_application_sends_a_form_and_nobody_seems_to_be_signed_in(house: House) -> None:
    shop, browser = add_shop(house, post_logout_redirect_uris=[AFTER]), signed_in(house)
    form = {"client_id": shop.client_id, "post_logout_redirect_uri": AFTER, "state": "x"}
    reply = house.app.test_client().post("/oauth/logout", data=form)
    assert "Do you want to sign out?" in browser.open(reply.location).text
    assert house.app.test_client().get(reply.location).location == AFTER + "?state=x"


def test_without_parameters_one_is_signed_out_here(house: House) -> None:
    browser = signed_in(house).open("/oauth/logout")
    browser.send("/openid/sign-out")
    assert browser.path == "/sign-out"
    assert house.count("sessions") == 0


@pytest.mark.parametrize(
    "uri", [AFTER + "/", AFTER + "?x=1", "https://evil.example.com", "//evil.example.com", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_a_wrong_address(house: House, uri: str) -> None:
    shop, browser = add_shop(house, post_logout_redirect_uris=[AFTER]), signed_in(house)
    hint = shop.tokens(browser)["id_token"]
    for asked in ({"id_token_hint": hint}, {"client_id": shop.client_id}, {}):
        page = out(shop, browser, post_logout_redirect_uri=uri, **asked)
        assert (page.status, page.path) == (400, "/oauth/logout")
    assert house.count("sessions") == 1


def test_a_forged_hint_or_another_clients_ends_nothing(house: House) -> None:
    shop, other = add_shop(house, post_logout_redirect_uris=[AFTER]), add_shop(house)
    browser = signed_in(house)
    hint = shop.tokens(browser)["id_token"]
    for asked in (
        {"id_token_hint": unsigned(hint)},
        {"id_token_hint": hint[:-4] + "AAAA"},
        {"id_token_hint": "x"},
        {"id_token_hint": shop.tokens(browser)["access_token"]},
        {"id_token_hint": hint, "client_id": other.client_id},
    ):
        page = out(shop, browser, post_logout_redirect_uri=AFTER, **asked)
        assert (page.status, page.path) == (400, "/oauth/logout")
    assert house.count("sessions") == 1


def test_a_hint_of_somebody_else_asks_who_is_at_the_browser(house: House) -> None:
    shop, first = add_shop(house), signed_in(house)
    hint = shop.tokens(first)["id_token"]
    second = signed_in(house, "06 12 34 56 79")
    assert "Do you want to sign out?" in out(shop, second, id_token_hint=hint).text
    assert house.count("sessions") == 2


# Back-channel


def test_a_session_that_ends_by_itself_is_told_too(house: House) -> None:
    with Provider() as provider:
        shop, browser = listening(house, provider), signed_in(house)
        shop.tokens(browser)
        house.clock.forward(31 * 86400)
        house.worker.logout_notices.run_if_due()
        provider.wait_for(1)
        wait_until(lambda: house.count("logout_notices") == 0)
        house.worker.logout_notices.run_if_due()
        assert house.sql("SELECT count(*) FROM grants WHERE told_at IS NULL") == [(0,)]


def test_a_session_that_goes_on_is_not_told_of_when_others_end(house: House) -> None:
    with Provider() as provider:
        shop, kept, other = listening(house, provider), signed_in(house), signed_in(house, "06 12 34 56 79")
        kept_id = claims_of(house, shop.tokens(kept)["id_token"])["sid"]
        shop.tokens(other)
        other.open("/account").send("/sign-out")
        assert house.sql("SELECT session_id FROM grants WHERE told_at IS NULL") == [(kept_id,)]
        assert house.count("logout_notices") == 1


def listening(house: House, provider: Provider, **values: str) -> Shop:
    return add_shop(house, backchannel_logout_uri=f"{provider.url}/logout", **values)


def tell(house: House) -> None:
    house.worker.logout_notices.work_off()


def test_applications_hear_of_a_sign_out_however_it_came(house: House) -> None:
    with Provider() as provider:
        shop, browser = listening(house, provider), signed_in(house)
        identity = claims_of(house, shop.tokens(browser)["id_token"])
        shop.tokens(browser)
        tell(house)
        assert provider.requests == []
        browser.open("/account").send("/sign-out")
        tell(house)
        provider.wait_for(1)
        seen = provider.requests[0]
        assert (seen.method, seen.path) == ("POST", "/logout")
        token = parse_qs(seen.body.decode())["logout_token"][0]
        assert header_of(token)["typ"] == "logout+jwt"
        told = claims_of(house, token)
        assert {name: told[name] for name in ("iss", "aud", "sub", "sid")} == {
            name: identity[name] for name in ("iss", "aud", "sub", "sid")
        }
        assert told["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
        assert "nonce" not in told
        wait_until(lambda: house.count("logout_notices") == 0)
        tell(house)
        time.sleep(0.1)
        assert len(provider.requests) == 1  # once, however many grants the session had
        assert shop.userinfo(token).status_code == 401  # and it is no access token


def test_a_session_that_is_ended_twice_at_once_is_told_of_once(house: House) -> None:
    shop, browser = add_shop(house, backchannel_logout_uri="https://shop.example.com/logout"), signed_in(house)
    shop.tokens(browser)
    (found,) = house.sql("SELECT token_hash FROM sessions")

    def follow() -> None:
        with house.services.database.write() as connection:
            sessions.end(connection, found.token_hash)

    with ThreadPoolExecutor(1) as other:
        with house.services.database.write() as connection:
            sessions.end(connection, found.token_hash)
            following = other.submit(follow)
            with suppress(TimeoutError):
                following.result(timeout=0.2)
        following.result()
    assert house.count("logout_notices") == 1
    assert house.count("sessions") == 0


def test_one_that_is_down_is_asked_again_and_holds_nobody_else(house: House) -> None:
    with Provider() as slow, Provider() as quick:
        down, up = listening(house, slow), listening(house, quick)
        release = slow.hold()
        for n in range(6):
            browser = signed_in(house, f"06 12 34 56 7{n}")
            down.tokens(browser)
            up.tokens(browser)
            browser.open("/account").send("/sign-out")
        wait_until(lambda: tell(house) or len(quick.requests) == 6)
        assert len(slow.requests) == 1
        slow.answer(500)
        release()
        wait_until(lambda: not house.worker.logout_notices._busy)
        tell(house)
        wait_until(lambda: house.sql("SELECT max(attempts) FROM logout_notices")[0][0] == 1)
        slow.answer(200)
        house.clock.forward(11)
        wait_until(lambda: tell(house) or house.count("logout_notices") == 0)


def test_an_application_that_stays_down_is_left_alone_after_a_day(sqlite_house: House) -> None:
    with Provider() as provider:
        provider.answer(503)
        listening(sqlite_house, provider).tokens(browser := signed_in(sqlite_house))
        browser.open("/account").send("/sign-out")
        begun = sqlite_house.clock()
        for count in range(1, 9):
            tell(sqlite_house)
            provider.wait_for(count)
            wait_until(lambda: not sqlite_house.worker.logout_notices._busy)
            sqlite_house.clock.forward(43201 if count > 6 else 21601)
        assert sqlite_house.count("logout_notices") == 0
        assert sqlite_house.clock() - begun > 86400


def test_signing_out_at_one_ends_it_at_the_others_with_one_of_them_down(house: House, tmp_path: Path) -> None:
    """The served worker tells them; the others' tokens are dead at once, but for those that outlive a session."""
    browser = signed_in(house)
    with Provider() as third, serving(house.database_url, tmp_path / "instance"):
        first = add_shop(house, post_logout_redirect_uris=[AFTER])
        down = add_shop(house, backchannel_logout_uri=f"http://127.0.0.1:{free_port()}/logout")
        shops = [first, down, listening(house, third)]
        told = [shop.tokens(browser) for shop in shops]
        away = shops[2].tokens(browser, scope="openid offline_access")
        assert out_at(browser, told[0]["id_token"]) == AFTER
        third.wait_for(1)
        heard = parse_qs(third.requests[0].body.decode())["logout_token"][0]
        assert claims_of(house, heard)["sid"] == claims_of(house, told[2]["id_token"])["sid"]
        for shop, tokens in zip(shops, told, strict=True):
            assert shop.userinfo(tokens["access_token"]).status_code == 401
            assert answer(browser.client.get(shop.url(prompt="none")))["error"] == "login_required"
        assert shops[2].userinfo(away["access_token"]).status_code == 200
        assert len(third.requests) == 1


def out_at(browser: Browser, hint: str) -> str:
    asked = {"id_token_hint": hint, "post_logout_redirect_uri": AFTER}
    return str(browser.client.get("/oauth/logout?" + urlencode(asked)).location)
