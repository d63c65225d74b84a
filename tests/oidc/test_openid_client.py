"""openid-client, the certified library of Node, unchanged: the whole dance against Doorcode as it is served."""

from __future__ import annotations

import html
import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import ECKey

from flows import signing_keys
from tests import services
from tests.kit import House, Server, serving
from tests.oidc.kit import E164, NUMBER, Shop, add_shop
from tests.oidc.test_real_client import RealBrowser
from tests.provider import Provider

FOLDER = Path(__file__).parent / "openid_client"


@pytest.fixture(scope="session")
def node() -> str:
    try:
        return services.node_with(FOLDER)
    except services.NotFoundError as reason:
        pytest.skip(str(reason))


class Application:
    """The Node process. ``application("refresh")`` is a step of client.mjs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, step: str, **more: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"step": step} | more) + "\n")
        self._process.stdin.flush()
        answered = json.loads(self._process.stdout.readline() or '{"error": "it ended"}')
        assert "error" not in answered, answered["error"]
        return answered["told"]

    def sign_in(self, browser: RealBrowser, house: House, **asked: Any) -> dict[str, Any]:
        """The claims of the ID token, once the person has been there and back."""
        browser.open(self("begin", **asked))
        if urlsplit(browser.page.url).path == "/sign-up":
            browser.send(country="FR", phone=NUMBER)
            browser.send(code=house.codes()[0])
        claims: dict[str, Any] = self("come", url=browser.page.url)
        return claims


@contextmanager
def application(node: str, server: Server, shop: Shop, callback: str, proof: str, **more: Any) -> Iterator[Application]:
    given = {"issuer": server.url, "id": shop.client_id, "secret": shop.secret, "callback": callback, "proof": proof}
    command = [node, str(FOLDER / "client.mjs"), json.dumps(given | more)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Application(process)
        finally:
            process.kill()


@pytest.fixture
def server(sqlite_house: House, tmp_path: Path) -> Iterator[Server]:
    with serving(sqlite_house.database_url, tmp_path / "instance") as running:
        yield running


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Where the application's own pages would be."""
    with Provider() as running:
        yield running.url


def test_the_whole_dance(node: str, sqlite_house: House, server: Server, elsewhere: str) -> None:
    house, callback, bye = sqlite_house, f"{elsewhere}/callback", f"{elsewhere}/bye"
    shop = add_shop(house, redirect_uris=[callback], post_logout_redirect_uris=[bye])
    browser = RealBrowser()
    with application(node, server, shop, callback, "client_secret_basic") as app:
        claims = app.sign_in(browser, house, screen_hint="sign_up")
        assert claims["amr"] == ["otp", "sms"]
        person = app("userinfo")
        assert (person["sub"], person["phone_number"]) == (claims["sub"], E164)
        assert app("refresh") is True
        assert app("introspect")["active"] is True
        silent = app.sign_in(browser, house, prompt="none", max_age="10000")
        assert silent["auth_time"] == claims["auth_time"]
        app("revoke")
        assert app("introspect") == {"active": False}
        assert browser.open(app("end", after=bye)).page.url == bye
        with pytest.raises(AssertionError, match="login_required"):
            app.sign_in(browser, house, prompt="none")


BY_KEY = {"authentication": "private_key_jwt", "id_token_algorithm": "ES256"}


@pytest.mark.parametrize(
    ("kind", "proof", "off", "values"),
    [
        ("web", "client_secret_post", -60, {}),
        ("spa", "none", 60, {}),
        ("web", "private_key_jwt", -60, BY_KEY),
        ("web", "private_key_jwt", 60, BY_KEY),
    ],
)
def test_each_way_to_prove_itself_with_a_clock_that_is_off_by_a_minute(
    node: str,
    sqlite_house: House,
    server: Server,
    elsewhere: str,
    kind: str,
    proof: str,
    off: int,
    values: dict[str, Any],
) -> None:
    house, callback, key = sqlite_house, f"{elsewhere}/callback", ECKey.generate_key("P-256", {"alg": "ES256"})
    jwks = {"jwks": {"keys": [key.as_dict(private=False)]}} if values else {}
    shop = add_shop(house, kind, redirect_uris=[callback], **values, **jwks)
    algorithm = values.get("id_token_algorithm", "RS256")
    given = {"key": key.as_dict(private=True), "algorithm": algorithm, "off": off}
    with application(node, server, shop, callback, proof, **given) as app:
        claims = app.sign_in(RealBrowser(), house, screen_hint="sign_up", pushed=proof != "client_secret_post")
        assert app("userinfo")["sub"] == claims["sub"]
        assert app("refresh") is True
        app("revoke")


def test_a_device(node: str, sqlite_house: House, server: Server, elsewhere: str) -> None:
    house, callback = sqlite_house, f"{elsewhere}/callback"
    shop, browser = add_shop(house, "native", redirect_uris=["com.example.app:/callback"]), RealBrowser()
    web = add_shop(house, redirect_uris=[callback])
    with application(node, server, web, callback, "client_secret_basic") as app:
        app.sign_in(browser, house, screen_hint="sign_up")
    with application(node, server, shop, "com.example.app:/callback", "none") as app:
        begun = app("device")
        browser.open(begun["verification_uri"]).send(code=begun["user_code"])
        assert "Allow The Shop to use your account?" in html.unescape(re.sub(r"<[^>]+>", "", browser.page.text))
        browser.send()
        assert app("poll", begun=begun)["aud"] == shop.client_id
        assert app("userinfo")["phone_number"] == E164


def test_keys_rotate_while_an_application_runs(node: str, sqlite_house: House, server: Server, elsewhere: str) -> None:
    """It keeps the published keys for five minutes: a key that signs as soon as it is made fails there."""
    house, callback = sqlite_house, f"{elsewhere}/callback"
    shop, browser = add_shop(house, redirect_uris=[callback]), RealBrowser()
    with application(node, server, shop, callback, "client_secret_basic") as app:
        app.sign_in(browser, house, screen_hint="sign_up")
        signing_keys.rotate(house.services, "test")
        app.sign_in(browser, house)
        assert app("refresh") is True
        house.sql("UPDATE signing_keys SET signs_from = :now WHERE signs_from > :now", now=time.time())  # a day passes
        app("later", seconds=301)
        assert app("refresh") is True  # with what the old keys signed, and the new ones from now on
        app("userinfo")
        app.sign_in(browser, house)
        app("later", seconds=-301)
        signing_keys.rotate(house.services, "test", at_once=True)
        with pytest.raises(AssertionError, match="key"):
            app.sign_in(browser, house)
