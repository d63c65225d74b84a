"""What the certification plans do in each module: an application that wants neither PKCE nor much else.

The client is a web application that proves itself by ``client_secret_basic``. Whatever a module is about, the answer,
the ID token and the claims are looked at each time, as the suite does.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.kit import Browser, House
from tests.oidc.kit import CALLBACK, TOKEN, Shop, add_shop, answer, claims_of, signed_in

AFTER = "https://shop.example.com/bye"


@dataclass
class Suite:
    house: House
    shop: Shop
    browser: Browser

    @property
    def issuer(self) -> str:
        return self.house.services.environment.public_url

    def ask(self, **more: str | None) -> TestResponse:
        """The authorization request, in the browser of a person who is signed in."""
        return self.browser.client.get(self.shop.url(**more))

    def code(self, reply: TestResponse) -> str:
        told = answer(reply)
        assert told.keys() == {"code", "state", "iss"}, told
        assert (told["state"], told["iss"]) == ("a state", self.issuer)
        return told["code"]

    def redeem(self, code: str) -> TestResponse:
        credentials = base64.b64encode(f"{self.shop.client_id}:{self.shop.secret}".encode()).decode()
        return self.house.app.test_client().post(
            TOKEN,
            data={"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK},
            headers={"Authorization": f"Basic {credentials}"},
        )

    def log_in(self, **more: str | None) -> dict[str, Any]:
        """The token endpoint's answer, with the checked claims of the ID token as ``claims``."""
        return self.check(self.redeem(self.code(self.ask(**more))), more.get("nonce", "a nonce"))

    def check(self, reply: TestResponse, nonce: str | None = "a nonce") -> dict[str, Any]:
        assert (reply.status_code, reply.mimetype) == (200, "application/json"), reply.text
        assert reply.headers["Cache-Control"] == "no-store"
        told: dict[str, Any] = reply.json
        assert told["token_type"] == "Bearer"
        assert told["expires_in"] > 0
        claims = claims_of(self.house, told["id_token"])
        assert (claims["iss"], claims["aud"]) == (self.issuer, self.shop.client_id)
        assert claims.get("nonce") == nonce
        assert 0 < len(claims["sub"]) <= 255
        assert claims["iat"] <= self.house.clock() + 1 < claims["exp"]
        digest = hashlib.sha256(told["access_token"].encode()).digest()[:16]
        assert claims["at_hash"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return told | {"claims": claims}

    def userinfo(self, told: dict[str, Any]) -> dict[str, Any]:
        reply = self.shop.userinfo(told["access_token"])
        assert (reply.status_code, reply.mimetype) == (200, "application/json")
        found: dict[str, Any] = reply.json
        assert found["sub"] == told["claims"]["sub"]
        return found


def suite(house: House) -> Suite:
    shop = add_shop(house, pkce="off", post_logout_redirect_uris=[AFTER])
    shop.asked = {"scope": "openid", "code_challenge": None, "code_challenge_method": None}  # type: ignore[dict-item]
    return Suite(house, shop, signed_in(house))
