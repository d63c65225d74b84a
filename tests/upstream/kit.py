"""A provider that says whatever a test wants, over real HTTP: OpenID Connect, and OAuth 2 with a user address."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.kit import Browser, House

CLIENT, SECRET = "doorcode", "a secret of the test's own"
CALLBACK = "http://127.0.0.1:8000/upstream/openid/arrive"
MAIN = "/.well-known/openid-configuration"


@dataclass
class Elsewhere:
    """``claims``: who comes next; ``lies``: what goes into the ID token in place of the truth."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "ada", "email": "ada@example.com"})
    lies: dict[str, Any] = field(default_factory=dict)
    names_itself: bool = True
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    published: ECKey | None = None  # another key than the one that signs
    codes: dict[str, tuple[dict[str, str], dict[str, Any]]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "authorization_response_iss_parameter_supported": self.names_itself,
        }

    def authorize(self, address: str) -> dict[str, str]:
        """The person says yes there: what the browser brings back."""
        assert address.startswith(f"{self.url}/authorize?"), address
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = (asked, dict(self.claims))
        named = {"iss": self.url} if self.names_itself else {}
        return {"code": code, "state": asked["state"]} | named

    def redeem(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if form.get("client_secret") != SECRET:
            return 401, {"error": "invalid_client"}
        asked, claims = self.codes.pop(form["code"], ({}, {}))
        digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if asked.get("code_challenge") != digest.decode() or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        token = claims | {"iss": self.url, "aud": CLIENT, "exp": int(time.time()) + 60, "iat": int(time.time())}
        token |= {"nonce": asked.get("nonce", "")} | self.lies
        signed = jwt.encode({"alg": "ES256", "kid": "one"}, token, self.key)
        return 200, {"access_token": json.dumps(claims).encode().hex(), "token_type": "Bearer", "id_token": signed}

    def answer(self, path: str, form: dict[str, str], bearer: str) -> tuple[int, Any]:
        self.calls.append(path)
        if path == MAIN:
            return 200, self.discovery()
        if path == "/keys":
            return 200, {"keys": [(self.published or self.key).as_dict(private=False)]}
        if path == "/token":
            return self.redeem(form)
        claims = json.loads(bytes.fromhex(bearer)) if bearer else {}
        return (200, claims.get(path, claims)) if claims else (401, {})


@contextmanager
def elsewhere(**values: Any) -> Iterator[Elsewhere]:
    provider = Elsewhere(**values)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/authorize?"):  # a real browser: the person says yes at once
                self.send_response(303)
                asked = parse_qs(urlsplit(self.path).query)
                brought = urlencode(provider.authorize(provider.url + self.path))
                self.send_header("Location", f"{asked['redirect_uri'][0]}?{brought}")
                self.end_headers()
            else:
                self.reply({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.reply({name: found[0] for name, found in parse_qs(body).items()})

        def reply(self, form: dict[str, str]) -> None:
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, said = provider.answer(self.path, form, bearer)
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Tests read no log of it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def offer(house: House, url: str, name: str = "openid", **values: Any) -> None:
    """Set a provider up and give it a button, beside those that have one."""
    config = {"label": "Elsewhere", "issuer": url, "client_id": CLIENT, "client_secret": SECRET} | values
    ours = house.services.settings().upstreams
    configurations = {each: dict(values) for each, values in ours.configurations.items()} | {name: config}
    offered = [*dict.fromkeys([*ours.offered, name])]
    house.set(upstreams={"offered": offered, "configurations": configurations})


def leave(browser: Browser, name: str = "openid", flow: str = "sign_in") -> str:
    """Press the provider's button: where the browser is sent."""
    browser.open(f"/{flow.replace('_', '-')}").send(f"/upstream/{name}/start", flow=flow)
    return away_from(browser)


def away_from(browser: Browser) -> str:
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', browser.page.text)
    assert found, browser.text
    return html.unescape(found[1])


def come_back(browser: Browser, brought: dict[str, str], name: str = "openid") -> Browser:
    return browser.open(f"/upstream/{name}/arrive?{urlencode(brought)}")


def visit(browser: Browser, provider: Elsewhere, name: str = "openid", flow: str = "sign_in") -> Browser:
    """There and back."""
    return come_back(browser, provider.authorize(leave(browser, name, flow)), name)


def stopped_at(error: requests.ConnectionError) -> dict[str, str]:
    """What a browser brought to our address, which nothing listens at: tests bring it to the house themselves."""
    url = (error.request.url if error.request else "") or ""
    assert url.startswith(CALLBACK), url
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def told(house: House) -> list[str]:
    """Why, of each entry in the audit log about those who come from elsewhere; the newest first."""
    rows = house.sql("SELECT details FROM audit WHERE action LIKE 'upstream.%' ORDER BY id DESC")
    return [json.loads(row.details)["why"] for row in rows]
