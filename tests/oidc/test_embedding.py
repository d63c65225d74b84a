"""Pop-ups and frames: who may show our pages, where the answer goes, and which cookies are kept there."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from werkzeug.test import TestResponse

from flows import clients
from flows.outcomes import Refused
from tests.house.source import ROOT
from tests.kit import Browser, House, open_house
from tests.oidc.kit import CALLBACK, NUMBER, Shop, add_shop, answer, signed_in

SITE = "https://shop.example.com"
IN_FRAME = {"Sec-Fetch-Dest": "iframe"}
POLICY = "Content-Security-Policy"


def framed_shop(house: House, **more: Any) -> Shop:
    shop = add_shop(house, frame_origins=[SITE], **more)
    shop.asked |= {"display": "frame", "response_mode": "web_message"}
    return shop


def told(page: TestResponse) -> tuple[str, dict[str, str]]:
    """To which site the last page says what."""
    found = re.search(r'data-origin="([^"]*)" data-answer="([^"]*)"', page.text)
    assert found, page.text
    return html.unescape(found[1]), json.loads(html.unescape(found[2]))


def may_be_framed(reply: TestResponse) -> str:
    """By whom; empty for nobody, said in both headers."""
    policy = re.search(r"frame-ancestors ([^;]*)", reply.headers[POLICY])
    assert policy
    assert (policy[1] == "'none'") == (reply.headers.get("X-Frame-Options") == "DENY")
    return "" if policy[1] == "'none'" else policy[1]


def test_a_pop_up_gets_its_answer_by_a_message_to_the_site_of_the_redirect_address(sqlite_house: House) -> None:
    shop = add_shop(sqlite_house)
    reply = signed_in(sqlite_house).client.get(shop.url(response_mode="web_message"))
    site, said = told(reply)
    assert site == SITE
    assert said["state"] == "a state"
    assert said["iss"] == sqlite_house.services.environment.public_url
    assert shop.redeem(said["code"]).status_code == 200
    assert reply.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert may_be_framed(reply) == ""
    site, said = told(sqlite_house.browser().client.get(shop.url(response_mode="web_message", prompt="none")))
    assert (site, said["error"]) == (SITE, "login_required")


def test_each_page_of_a_pop_up_keeps_its_opener_and_no_other_page_does(sqlite_house: House) -> None:
    shop = add_shop(sqlite_house)
    browser = sqlite_house.browser()
    first = browser.client.get(shop.url(response_mode="web_message"))
    page = browser.client.get(first.location)
    for reply in (first, page):
        assert reply.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    usual = browser.client.get(shop.url())
    for reply in (usual, browser.client.get(usual.location), browser.client.get("/sign-in")):
        assert reply.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_message_goes_nowhere_but_to_a_registered_address(sqlite_house: House) -> None:
    shop = add_shop(sqlite_house)
    browser = signed_in(sqlite_house)
    reply = browser.client.get(shop.url(response_mode="web_message", redirect_uri="https://evil.example/callback"))
    assert reply.status_code == 400
    assert "data-origin" not in reply.text
    native = add_shop(sqlite_house, "native", redirect_uris=["com.example.app:/back"])
    reply = browser.client.get(native.url(response_mode="web_message", redirect_uri="com.example.app:/back"))
    assert "error=invalid_request" in reply.location


def test_the_pages_of_a_frame_may_be_framed_by_its_site_alone(sqlite_house: House) -> None:
    shop = framed_shop(sqlite_house)
    browser = sqlite_house.browser(**IN_FRAME)
    first = browser.client.get(shop.url(), headers=IN_FRAME)
    page = browser.client.get(first.location, headers=IN_FRAME)
    assert may_be_framed(first) == may_be_framed(page) == SITE
    request_id = first.location.partition("request_id=")[2]
    for path in ("/account", "/account/security", "/admin", "/sign-in", "/device", "/oauth/logout", "/account/delete"):
        assert may_be_framed(browser.client.get(path, headers=IN_FRAME)) == "", path
        assert may_be_framed(browser.client.get(f"{path}?request_id={'0' * 32}", headers=IN_FRAME)) == "", path
    for path in ("/account/security", "/account/delete", "/admin/sign-in", "/device", "/openid/consent"):
        assert may_be_framed(browser.client.get(f"{path}?request_id={request_id}", headers=IN_FRAME)) == "", path
    stranger = sqlite_house.browser()
    assert may_be_framed(stranger.client.get(first.location, headers=IN_FRAME)) == ""


@pytest.mark.parametrize("more", [{"frame_origins": []}, {"frame_origins": ["https://www.example.com"]}])
def test_an_application_that_lists_no_site_is_shown_in_no_frame(sqlite_house: House, more: dict[str, Any]) -> None:
    addresses = [CALLBACK, "https://www.example.com/callback"]
    shop = add_shop(sqlite_house, redirect_uris=addresses, **more)
    reply = sqlite_house.browser().client.get(shop.url(display="frame"), headers=IN_FRAME)
    assert reply.status_code == 400
    assert may_be_framed(reply) == ""
    assert "cannot be shown here" in reply.text


def test_what_a_frame_keeps_is_apart_and_our_own_pages_do_not_know_it(house: House) -> None:
    shop = framed_shop(house)
    browser = house.browser(**IN_FRAME)
    first = browser.client.get(shop.url(screen_hint="sign_up"), headers=IN_FRAME)
    browser.page = browser.client.get(first.location, headers=IN_FRAME)
    kept = [*first.headers.getlist("Set-Cookie"), *browser.page.headers.getlist("Set-Cookie")]
    assert kept
    for cookie in kept:
        assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/")), cookie
    browser.send(browser.page.request.full_path, country="FR", phone=NUMBER)
    type_code(browser)
    site, said = told(browser.page)
    assert site == SITE
    assert shop.redeem(said["code"]).status_code == 200
    assert browser.open("/account").path == "/sign-in", "the session is the frame's alone"
    usual = usual_cookies(house, shop)
    assert all("SameSite=Lax" in cookie and "Partitioned" not in cookie for cookie in usual)


def type_code(browser: Browser) -> None:
    browser.send(browser.page.request.full_path, code=browser.house.newest_code())


def usual_cookies(house: House, shop: Shop) -> list[str]:
    """Of the same request, opened as a page of its own."""
    browser = house.browser()
    first = browser.client.get(shop.url())
    page = browser.client.get(first.location)
    return [*first.headers.getlist("Set-Cookie"), *page.headers.getlist("Set-Cookie")]


def test_a_code_asked_for_in_a_frame_is_bound_to_the_page_around_it(sqlite_template: Path, tmp_path: Path) -> None:
    database = tmp_path / "doorcode.db"
    database.write_bytes(sqlite_template.read_bytes())
    with open_house(f"sqlite:///{database}", tmp_path, PUBLIC_URL="https://login.example.com") as house:
        shop = framed_shop(house)
        browser = Browser(house, house.app.test_client(), IN_FRAME)
        options = {"base_url": "https://login.example.com", "headers": IN_FRAME}
        first = browser.client.get(shop.url(screen_hint="sign_up"), **options)
        page = browser.client.get(first.location, **options)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token
        form = {"csrf_token": token[1], "country": "FR", "phone": NUMBER}
        browser.client.post(first.location, data=form, **options)
        code = house.newest_code()
        assert house.texts()[0].endswith(f"\n\n@shop.example.com #{code} @login.example.com")
        own = house.browser()
        own.page = own.client.get("/sign-up", base_url="https://login.example.com")
        form = {"csrf_token": own.field("csrf_token"), "country": "FR", "phone": "06 12 34 56 79"}
        own.client.post("/sign-up", data=form, base_url="https://login.example.com")
        code = house.newest_code()
        assert house.texts()[0].endswith(f"\n\n@login.example.com #{code}")


def test_consent_is_never_asked_for_in_a_frame(sqlite_house: House) -> None:
    values = {"name": "x", "redirect_uris": [CALLBACK], "frame_origins": [SITE], "consent": True}
    refused = clients.create(sqlite_house.services, "test", "web", values)
    assert isinstance(refused, Refused)
    values |= {"consent": False, "frame_origins": ["https://evil.example"]}
    refused = clients.create(sqlite_house.services, "test", "web", values)
    assert isinstance(refused, Refused)
    shop = framed_shop(sqlite_house)
    browser = signed_in(sqlite_house)
    _site, said = told(browser.client.get(shop.url(prompt="consent")))
    assert said["error"] == "consent_required"


def test_the_script_is_small_and_any_site_may_load_it(sqlite_house: House) -> None:
    reply = sqlite_house.app.test_client().get("/oauth/embed.js", buffered=True)
    assert reply.status_code == 200
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert len((ROOT / "static/embed.js").read_bytes()) < 2048
    assert '"*"' not in (ROOT / "static/answer.js").read_text(), "never to whoever listens"


def test_back_and_bookmarks_end_at_the_application(house: House) -> None:
    shop = add_shop(house, home_url=f"{SITE}/start")
    browser = signed_in(house)
    first = browser.client.get(shop.url(prompt="consent")).location
    request_id = first.partition("request_id=")[2]
    token = browser.open(f"/openid/consent?request_id={request_id}").field("csrf_token")
    reply = browser.client.post(f"/openid/back?request_id={request_id}", data={"csrf_token": token})
    assert answer(reply)["error"] == "access_denied"
    assert browser.client.get(f"/sign-in?request_id={request_id}").location.startswith("/account?request_id=")
    assert browser.client.get(f"/account?request_id={request_id}").location == f"{SITE}/start"
    over = browser.client.get(f"/oauth/authorize?request_id={request_id}")
    assert over.status_code == 400
    assert f'href="{SITE}/start"' in over.text
    stranger = signed_in(house, "06 12 34 56 79")
    assert stranger.open(f"/account?request_id={request_id}").status == 200
    assert urlsplit(stranger.page.request.url).path == "/account"


def test_two_tabs_for_two_applications_do_not_mix(house: House) -> None:
    one, two = add_shop(house, name="One"), add_shop(house, name="Two", colour="#7a1fa2")
    browser = house.browser()
    tabs = [browser.client.get(shop.url(state=shop.client_id)).location for shop in (one, two)]
    for tab, name, other in zip(tabs, ("One", "Two"), ("Two", "One"), strict=True):
        page = browser.open(tab)
        assert f"Back to {name}" in page.text
        assert other not in page.text
    browser.open(tabs[0].replace("/sign-in", "/sign-up")).send(
        tabs[0].replace("/sign-in", "/sign-up"), country="FR", phone=NUMBER
    )
    reply = browser.client.post(
        browser.page.request.full_path,
        data={
            "csrf_token": browser.field("csrf_token"),
            "ticket": browser.field("ticket"),
            "code": house.newest_code(),
        },
    )
    reply = browser.client.get(browser.client.get(reply.location).location)
    assert f"state={one.client_id}" in reply.location
    reply = browser.client.get(tabs[1].replace("/sign-in", "/oauth/authorize"))
    assert f"state={two.client_id}" in reply.location


def test_every_page_of_a_request_has_a_way_back_errors_too(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = add_shop(sqlite_house, name="The Shop")
    browser = sqlite_house.browser()
    at = browser.client.get(shop.url()).location
    query = at.partition("?")[2]
    for path in ("/sign-in", "/sign-up", "/nowhere", "/sign-in/send-again", "/mfa"):
        assert "Back to The Shop" in browser.open(f"{path}?{query}").text, path
    assert "Back to The Shop" in browser.client.post(at, data={"phone": "1"}).text, "a form without its token"
    browser.open(at)
    monkeypatch.setattr("flows.sign_in.send_code", lambda *_, **__: 1 / 0)
    browser.send(at, country="FR", phone=NUMBER)
    assert browser.status == 500
    assert "Back to The Shop" in browser.text


def test_a_pushed_request_is_in_a_frame_only_if_it_says_so_itself(sqlite_house: House) -> None:
    shop = framed_shop(sqlite_house)
    for pushed_as, framers in (({"display": "frame"}, SITE), ({"display": None}, "")):
        pairs = parse_qsl(urlsplit(shop.url(**pushed_as)).query)
        request_uri = shop.post("/oauth/par", **dict(pairs)).json["request_uri"]
        address = "/oauth/authorize?" + urlencode(
            {"client_id": shop.client_id, "request_uri": request_uri, "display": "frame"}
        )
        browser = sqlite_house.browser()
        first = browser.client.get(address, headers=IN_FRAME)
        assert all(("Partitioned" in each) == bool(framers) for each in first.headers.getlist("Set-Cookie"))
        assert may_be_framed(browser.client.get(first.location, headers=IN_FRAME)) == framers
