"""The OpenID provider under load, beside a bare page: ``python -m bench.openid``, a part of ``make bench``.

machine    a token for a machine: a client proved by its secret, one ES256 signature
refresh    a refresh token turned: an ES256 and an RS256 signature, one commit
userinfo   a token read, its person's claims told
sign-in    from /oauth/authorize by number and code to the tokens, seven requests
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from bench import servers
from bench.client import Client, hidden
from bench.load import get_page, phones, run
from bench.sink import Sink
from rules import signing
from storage.migrate import upgrade
from tests.kit import open_house
from tests.oidc.kit import CALLBACK, TOKEN, VERIFIER, Shop, add_shop, challenge, first_keys

AT_ONCE = 8
SIZE = 5000  # bytes of the bare page, about those of the sign-in page
SIGNATURES = 300
SCOPE = "openid phone offline_access"
Tokens = dict[str, str]


async def post(port: int, path: str, form: dict[str, str]) -> bytes:
    client = Client(port)
    try:
        status, _target, body = await client.request("POST", path, form)
        if status != 200:
            raise RuntimeError(f"{path} {status}")
        return body
    finally:
        client.close()


def proof(shop: Shop) -> dict[str, str]:
    return {"client_id": shop.client_id, "client_secret": shop.secret}


async def sign_in(port: int, shop: Shop, sink: Sink, phone: str) -> Tokens:
    """The whole dance of a member, browser and application."""
    browser = Client(port)
    try:
        code = await code_of(browser, shop, sink, phone)
    finally:
        browser.close()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return read(await post(port, TOKEN, form | proof(shop)))


async def code_of(browser: Client, shop: Shop, sink: Sink, phone: str) -> str:
    asked = {"client_id": shop.client_id, "redirect_uri": CALLBACK, "response_type": "code", "scope": SCOPE}
    asked |= {"code_challenge": challenge(), "code_challenge_method": "S256"}
    _status, target, _page = await browser.request("GET", "/oauth/authorize?" + urlencode(asked))
    _status, _target, page = await browser.request("GET", target)
    waiting = sink.expect(phone)
    form = {"csrf_token": hidden(page, "csrf_token"), "country": "US", "phone": phone}
    _status, target, _page = await browser.request("POST", target, form)
    _status, _target, page = await browser.request("GET", target)
    form = {name: hidden(page, name) for name in ("csrf_token", "ticket")}
    _status, target, _page = await browser.request("POST", target, form | {"code": await asyncio.wait_for(waiting, 20)})
    while not target.startswith(urlsplit(CALLBACK).path):
        status, target, _page = await browser.request("GET", target)
        if status != 303:
            raise RuntimeError(f"no way back: {status}")
    return parse_qs(urlsplit(target).query)["code"][0]


def read(body: bytes) -> Tokens:
    told: Tokens = json.loads(body)
    return told


async def refresh(port: int, shop: Shop, waiting: list[str]) -> None:
    """Each family's token by turns: none is used by two at once."""
    form = {"grant_type": "refresh_token", "refresh_token": waiting.pop()}
    waiting.append(read(await post(port, TOKEN, form | proof(shop)))["refresh_token"])


async def measure(what: str, work: Callable[[], Awaitable[object]], seconds: float, process: int, bare: float) -> None:
    result = await run(work, AT_ONCE, seconds, process)
    cpu = result.cpu * 1000 / max(1, len(result.flows))
    pages = f", {cpu / bare:.1f} bare pages" if bare else ""
    print(
        f"{what}: {len(result.flows) / result.seconds:.0f} a second, p50 {result.quantile(0.5):.1f} ms,"
        f" p99 {result.quantile(0.99):.1f} ms, {cpu:.2f} ms of CPU{pages}, errors {dict(result.errors) or 0}"
    )


def signatures() -> None:
    """What signing and checking cost by themselves, in microseconds of CPU."""
    sealing = (b"x" * 32,)
    claims = {"iss": "https://login.example.com", "sub": "0" * 32, "exp": 2_000_000_000, "iat": 1_900_000_000}
    for key in first_keys(sealing):
        begun = time.process_time()
        made = [signing.sign(sealing, key, claims, "JWT") for _ in range(SIGNATURES)]
        signed = time.process_time()
        for token in made:
            signing.read(sealing, [key], token, "JWT")
        each = 1_000_000 / SIGNATURES
        print(
            f"{key.algorithm}: sign {(signed - begun) * each:.0f} us, check {(time.process_time() - signed) * each:.0f}"
        )


async def main(seconds: float) -> None:
    sink = Sink()
    await sink.open()
    signatures()
    with servers.bare(SIZE) as (port, process):
        result = await run(lambda: get_page(port), AT_ONCE, seconds, process)
        bare = result.cpu * 1000 / len(result.flows)
        print(f"a bare page: {len(result.flows) / result.seconds:.0f} a second, {bare:.2f} ms of CPU")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/doorcode.db"
        upgrade(url)
        with open_house(url, folder) as house:
            shop, machine = add_shop(house), add_shop(house, "machine")
        with servers.ours(url, folder, sink.port) as (port, process):
            number = phones()
            members = [await sign_in(port, shop, sink, number()) for _ in range(AT_ONCE)]  # type: ignore[operator]
            told, families = {"access_token": members[0]["access_token"]}, [each["refresh_token"] for each in members]
            form = {"grant_type": "client_credentials"} | proof(machine)
            for what, work in {
                "machine": lambda: post(port, TOKEN, form),
                "refresh": lambda: refresh(port, shop, families),
                "userinfo": lambda: post(port, "/oauth/userinfo", told),
                "sign-in": lambda: sign_in(port, shop, sink, number()),  # type: ignore[operator]
            }.items():
                await measure(what, work, seconds, process, bare)


if __name__ == "__main__":
    asyncio.run(main(2.0 if "--quick" in sys.argv else 8.0))
