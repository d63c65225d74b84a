"""What tests of the OpenID provider work with: a client, a browser that stops where it leaves us, tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from flows import clients
from flows.clients import Created
from rules import signing
from rules.tokens import hash_token
from settings.keys import Use
from storage import signing_keys
from storage.signing_keys import StoredKey
from tests.kit import Browser, House

CALLBACK = "https://shop.example.com/callback"
NUMBER, E164 = "06 12 34 56 78", "+33612345678"
VERIFIER = "a-verifier-of-43-characters-or-more-0123456789"
TOKEN = "/oauth/token"
OFFLINE = "openid phone offline_access"


def challenge(verifier: str = VERIFIER) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Shop:
    """An application, as its developer writes it, without a library."""

    house: House
    client_id: str
    secret: str
    asked: dict[str, str] = field(default_factory=dict)

    def url(self, **more: str | None) -> str:
        """The authorization request. ``None`` leaves a parameter out."""
        asked: dict[str, str | None] = {
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid phone",
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        }
        asked |= self.asked | more
        return "/oauth/authorize?" + urlencode({name: value for name, value in asked.items() if value is not None})

    def code(self, browser: Browser, **more: str | None) -> str:
        """Of a person who is signed in."""
        return answer(browser.client.get(self.url(**more)))["code"]

    def post(self, path: str = TOKEN, **form: str | None) -> TestResponse:
        """A call of the application's own, with its secret where it has one."""
        proof = {"client_id": self.client_id} | ({"client_secret": self.secret} if self.secret else {})
        values = {name: value for name, value in (proof | form).items() if value is not None}
        return self.house.app.test_client().post(path, data=values)

    def redeem(self, code: str, **more: str | None) -> TestResponse:
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return self.post(**form | more)

    def tokens(self, browser: Browser, **more: str | None) -> dict[str, Any]:
        reply = self.redeem(self.code(browser, **more))
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json
        return found

    def refresh(self, token: str, **more: str | None) -> TestResponse:
        return self.post(grant_type="refresh_token", refresh_token=token, **more)

    def userinfo(self, access_token: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.house.app.test_client().get("/oauth/userinfo", headers=headers)

    def introspect(self, token: str) -> dict[str, Any]:
        found: dict[str, Any] = self.post("/oauth/introspect", token=token).json
        return found


def add_shop(house: House, kind: str = "web", **values: Any) -> Shop:
    values = {"name": "The Shop", "redirect_uris": [CALLBACK]} | values
    if kind == "machine":
        values.pop("redirect_uris")
    created = clients.create(house.services, "test", kind, values)
    assert isinstance(created, Created), created
    if not house.count("signing_keys"):
        with house.services.database.write() as connection:
            for key in first_keys(house.services.keys.all(Use.SEALING)):
                signing_keys.add(connection, key)
    return Shop(house, created.client_id, created.secret)


@cache
def first_keys(sealing_keys: tuple[bytes, ...]) -> list[StoredKey]:
    """An RSA key takes up to a second to make, so all houses of a run have the same."""
    now = time.time()
    return [signing.new_key(sealing_keys, algorithm, now, now) for algorithm in signing.ALGORITHMS]


def answer(reply: TestResponse) -> dict[str, str]:
    """What came back to the application in its address."""
    assert reply.status_code == 303, reply.text
    assert reply.location.startswith(CALLBACK + "?"), reply.location
    return {name: values[0] for name, values in parse_qs(urlsplit(reply.location).query).items()}


def signed_in(house: House, number: str = NUMBER) -> Browser:
    """A person's browser, with an account and a session."""
    browser = house.browser().open("/sign-up").send(country="FR", phone=number)
    browser.type_code()
    assert browser.path in ("/account", "/mfa/enrol/offer"), browser.text
    return browser


def claims_of(house: House, token: str) -> dict[str, Any]:
    """Checked with the published keys, as an application would."""
    keys = KeySet.import_key_set(house.app.test_client().get("/.well-known/jwks.json").json)
    return dict(jwt.decode(token, keys, algorithms=["RS256", "ES256"]).claims)


def account_id(house: House) -> str:
    return str(house.sql("SELECT id FROM accounts ORDER BY created_at DESC LIMIT 1")[0][0])


def random_id() -> str:
    return secrets.token_hex(16)


def claims_half(token: str) -> str:
    """RS256's at_hash: the left half of SHA-256."""
    digest = bytes.fromhex(hash_token(token))
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def header_of(token: str) -> dict[str, str]:
    part = token.split(".")[0]
    found: dict[str, str] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


def shop_client(shop: Shop) -> Any:
    from_storage = clients.find(shop.house.services, shop.client_id)
    assert from_storage
    return from_storage
