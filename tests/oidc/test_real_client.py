"""A client library that others wrote, over real HTTP, against Doorcode as it is served."""

from __future__ import annotations

import html
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.kit import House, serving
from tests.oidc.kit import E164, NUMBER, Shop, add_shop
from tests.provider import Provider

SCOPE = "openid profile phone offline_access"


class RealBrowser:
    """Keeps cookies, follows redirects wherever they lead, and sends the form of a page."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.headers["Accept-Language"] = "en"

    def open(self, url: str) -> RealBrowser:
        self.page = self.session.get(url, timeout=10)
        return self

    def send(self, **fields: str) -> RealBrowser:
        self.page = self.session.post(self.page.url, data=self.hidden() | fields, timeout=10)
        return self

    def hidden(self) -> dict[str, str]:
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.page.text)
        return {name: html.unescape(value) for name, value in found if name in ("csrf_token", "ticket")}


def library(shop: Shop, callback: str, method: str = "client_secret_basic") -> Any:
    return OAuth2Session(
        shop.client_id,
        shop.secret or None,
        scope=SCOPE,
        redirect_uri=callback,
        code_challenge_method="S256",
        token_endpoint_auth_method=method,
    )


def sign_in(house: House, browser: RealBrowser, client: Any, told: dict[str, Any], **more: str) -> tuple[str, str]:
    """The address that the browser ends on, and the verifier."""
    verifier = secrets.token_urlsafe(48)
    url, _state = client.create_authorization_url(told["authorization_endpoint"], code_verifier=verifier, **more)
    browser.open(url)
    if urlsplit(browser.page.url).path == "/sign-up":
        browser.send(country="FR", phone=NUMBER)
        browser.send(code=house.codes()[0])
    return browser.page.url, verifier


def test_a_library_signs_in_refreshes_asks_revokes_and_signs_out(house: House, tmp_path: Path) -> None:
    with Provider() as application, serving(house.database_url, tmp_path / "instance") as server:
        callback = f"{application.url}/callback"
        shop = add_shop(house, redirect_uris=[callback], post_logout_redirect_uris=[f"{application.url}/bye"])
        told = requests.get(f"{server.url}/.well-known/openid-configuration", timeout=10).json()
        assert told["issuer"] == server.url
        client, browser = library(shop, callback), RealBrowser()
        came, verifier = sign_in(house, browser, client, told, nonce="n-0S6", screen_hint="sign_up")
        assert came.startswith(callback + "?code=")
        token = client.fetch_token(told["token_endpoint"], authorization_response=came, code_verifier=verifier)
        keys = KeySet.import_key_set(requests.get(told["jwks_uri"], timeout=10).json())
        identity = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": server.url},
            aud={"essential": True, "value": shop.client_id},
            nonce={"essential": True, "value": "n-0S6"},
            exp={"essential": True},
        ).validate(identity)
        person = client.get(told["userinfo_endpoint"]).json()
        assert person["sub"] == identity["sub"]
        assert (person["phone_number"], person["phone_number_verified"]) == (E164, True)
        newer = client.refresh_token(told["token_endpoint"])
        assert newer["refresh_token"] != token["refresh_token"]
        asked = client.introspect_token(told["introspection_endpoint"], token=newer["access_token"])
        assert asked.json()["active"] is True
        client.revoke_token(told["revocation_endpoint"], token=newer["refresh_token"])
        assert client.get(told["userinfo_endpoint"]).status_code == 401
        again, _verifier = sign_in(house, browser, library(shop, callback), told, prompt="none")
        assert "code=" in again
        bye = f"{application.url}/bye"
        ended = browser.session.get(
            told["end_session_endpoint"],
            params={"id_token_hint": token["id_token"], "post_logout_redirect_uri": bye, "state": "s"},
            timeout=10,
        )
        assert ended.url == f"{bye}?state=s"
        silent, _verifier = sign_in(house, browser, library(shop, callback), told, prompt="none")
        assert "error=login_required" in silent


def test_a_public_client_and_a_post_secret_work_too(house: House, tmp_path: Path) -> None:
    with Provider() as application, serving(house.database_url, tmp_path / "instance") as server:
        callback = f"{application.url}/callback"
        told = requests.get(f"{server.url}/.well-known/openid-configuration", timeout=10).json()
        browser = RealBrowser()
        for kind, method in (("spa", "none"), ("web", "client_secret_post")):
            shop = add_shop(house, kind, redirect_uris=[callback])
            client = library(shop, callback, method)
            came, verifier = sign_in(house, browser, client, told, screen_hint="sign_up")
            token = client.fetch_token(told["token_endpoint"], authorization_response=came, code_verifier=verifier)
            assert client.get(told["userinfo_endpoint"]).json()["phone_number"] == E164
            assert token["expires_in"] == 900
