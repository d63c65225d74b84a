"""A proxy's gate: who has no pass is led to sign in and back, who has one passes with a name, and nobody else."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from flows import clients
from flows.clients import Created
from flows.outcomes import Refused
from tests.kit import Browser, House
from tests.oidc.kit import E164, account_id, add_shop, signed_in

WIKI = "https://wiki.example.com"


def add_wiki(house: House, *origins: str, **values: object) -> str:
    created = clients.create(
        house.services, "test", "proxy", {"name": "The Wiki", "protected_origins": list(origins or (WIKI,))} | values
    )
    assert isinstance(created, Created), created
    assert created.secret == ""
    return created.client_id


def ask(browser: Browser, path: str = "/page?a=1", origin: str = WIKI, to: str = "/forward-auth/nginx") -> TestResponse:
    parts = urlsplit(origin)
    headers = {"X-Forwarded-Proto": parts.scheme, "X-Forwarded-Host": parts.netloc, "X-Forwarded-Uri": path}
    return browser.client.get(to, headers=headers)


def walk_in(browser: Browser, origin: str = WIKI, to: str = "/page?a=1") -> TestResponse:
    """From the refusal to the reply that leads back, as the browser of somebody who is signed in goes."""
    way = urlsplit(ask(browser, to, origin).location)
    assert f"{way.scheme}://{way.netloc}" == origin
    leaving = ask(browser, "", origin, f"{way.path}?{way.query}")
    answered = browser.client.get(leaving.location.removeprefix(browser.house.services.environment.public_url))
    back = urlsplit(answered.location)
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"{origin}/.doorcode/callback"
    return ask(browser, "", origin, f"{back.path}?{back.query}")


def test_who_is_signed_in_passes_and_comes_back_to_where_they_were_going(house: House) -> None:
    add_wiki(house)
    browser = signed_in(house)
    refused = ask(browser)
    assert (refused.status_code, "X-Forwarded-User" in refused.headers) == (401, False)
    entered = walk_in(browser)
    assert (entered.status_code, entered.location) == (303, f"{WIKI}/page?a=1")
    cookie = next(each for each in entered.headers.getlist("Set-Cookie") if "doorcode_pass=" in each)
    assert cookie.startswith("__Host-")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    passed = ask(browser)
    assert passed.status_code == 200
    assert passed.headers["X-Forwarded-User"] == account_id(house)
    assert passed.headers["X-Forwarded-Phone"] == E164
    assert "X-Forwarded-Email" not in passed.headers


def protect(house: House, client_id: str, origin: str) -> None:
    client = clients.find(house.services, client_id)
    assert client
    clients.save(house.services, "test", client, {"name": "The Wiki", "protected_origins": [origin]})


def test_a_pass_ends_with_the_session_and_when_the_address_is_taken_off(house: House) -> None:
    client_id = add_wiki(house)
    browser = signed_in(house)
    walk_in(browser)
    protect(house, client_id, "https://other.example.com")
    assert ask(browser).status_code == 403
    protect(house, client_id, WIKI)
    assert ask(browser).status_code == 200
    gone = ask(browser, to="/.doorcode/sign-out")
    assert gone.location == f"{house.services.environment.public_url}/oauth/logout?client_id={client_id}"
    browser.open(gone.location.removeprefix(house.services.environment.public_url))
    browser.send("/openid/sign-out", client_id=client_id)
    assert ask(browser).status_code == 401


def test_a_pass_is_for_one_address_alone(house: House) -> None:
    add_wiki(house, WIKI, "https://notes.example.com")
    browser = signed_in(house)
    walk_in(browser)
    assert ask(browser, origin=WIKI).status_code == 200
    assert ask(browser, origin="https://notes.example.com").status_code == 401


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "http://wiki.example.com",
        "https://wiki.example.com:8443",
        "https://wiki.example.com.",
    ],
)
def test_an_address_that_nobody_lists_is_never_led_to(sqlite_house: House, origin: str) -> None:
    add_wiki(sqlite_house)
    browser = signed_in(sqlite_house)
    for path in ("/forward-auth", "/forward-auth/nginx", "/.doorcode/sign-in?to=/", "/.doorcode/callback?code=x"):
        reply = ask(browser, origin=origin, to=path)
        assert reply.status_code == 403
        assert "Location" not in reply.headers


@pytest.mark.parametrize(
    "to",
    [
        "//evil.com",
        "/\\evil.com",
        "https://evil.com/",
        "evil.com",
        "/a\r\nX: y",
        "javascript:alert(1)",
        "",
        "/.doorcode/x",
    ],
)
def test_the_way_back_stays_on_the_address(sqlite_house: House, to: str) -> None:
    add_wiki(sqlite_house)
    browser = signed_in(sqlite_house)
    leaving = browser.client.get(
        "/.doorcode/sign-in",
        query_string={"to": to},
        headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "wiki.example.com"},
    )
    assert parse_qs(urlsplit(leaving.location).query)["state"] == ["/"]
    back = ask(browser, to="/.doorcode/callback?code=x&state=" + "//evil.com")
    assert urlsplit(back.location).netloc == urlsplit(sqlite_house.services.environment.public_url).netloc


def test_a_code_from_another_browser_opens_nothing(sqlite_house: House) -> None:
    """Nobody can be signed in as somebody else by a link."""
    add_wiki(sqlite_house)
    thief, victim = signed_in(sqlite_house), sqlite_house.browser()
    way = urlsplit(ask(thief).location)
    leaving = ask(thief, to=f"{way.path}?{way.query}")
    answered = thief.client.get(leaving.location.removeprefix(sqlite_house.services.environment.public_url))
    back = urlsplit(answered.location)
    reply = ask(victim, to=f"{back.path}?{back.query}")
    assert "/openid/not-signed-in" in reply.location
    assert "doorcode_pass" not in str(reply.headers)
    assert ask(victim).status_code == 401


def test_traefik_and_caddy_are_given_the_steps_as_replies(sqlite_house: House) -> None:
    add_wiki(sqlite_house)
    browser = signed_in(sqlite_house)
    led = ask(browser, to="/forward-auth")
    assert led.status_code == 302
    step = urlsplit(led.location)
    leaving = ask(browser, f"{step.path}?{step.query}", to="/forward-auth")
    assert "/oauth/authorize?" in leaving.location
    answered = browser.client.get(leaving.location.removeprefix(sqlite_house.services.environment.public_url))
    back = urlsplit(answered.location)
    entered = ask(browser, f"{back.path}?{back.query}", to="/forward-auth")
    assert entered.location == f"{WIKI}/page?a=1"
    assert ask(browser, to="/forward-auth").status_code == 200
    stranger = sqlite_house.browser()
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "wiki.example.com", "Accept": "application/json"}
    assert stranger.client.get("/forward-auth", headers=headers).status_code == 401


def test_an_address_belongs_to_one_application_and_is_not_our_own(house: House) -> None:
    add_wiki(house)
    for origins, words in (
        ([WIKI], "another application"),
        (["https://wiki.example.com/path"], "scheme and host"),
        (["https://Wiki.example.com"], "small letters"),
        (["https://wiki.example.com:443"], "port"),
        (["http://wiki.example.com"], "https://"),
        ([house.services.environment.public_url], "its own address"),
        ([], "at least one"),
    ):
        refused = clients.create(house.services, "test", "proxy", {"name": "Two", "protected_origins": origins})
        assert isinstance(refused, Refused)
        assert words in str(refused.values["protected_origins"])
    assert house.count("clients") == 1


def test_its_code_is_no_good_at_the_token_endpoint(sqlite_house: House) -> None:
    client_id = add_wiki(sqlite_house)
    shop = add_shop(sqlite_house)
    for form in (
        {"client_id": client_id, "client_secret": None},
        {"client_id": client_id, "client_secret": ""},
        {"client_id": client_id, "client_secret": "x"},
    ):
        reply = shop.post(**form, grant_type="authorization_code", code="x", code_verifier="x")
        assert reply.status_code == 401
