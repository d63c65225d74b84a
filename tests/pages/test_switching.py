"""The connector is switched while a real server runs: HTTP, then Twilio, and a person signs in by each."""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import parse_qs

import requests

from tests.kit import House, serving
from tests.provider import Provider

ACCOUNT = "AC" + "a" * 32


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def sign_up(url: str, provider: Provider, number: str, sent: int) -> str:
    """The message that was sent, after a whole sign-up by a client with a cookie jar."""
    with requests.Session() as client:
        page = client.get(f"{url}/sign-up").text
        form = {"csrf_token": field(page, "csrf_token"), "country": "FR", "phone": number}
        page = client.post(f"{url}/sign-up", data=form).text
        provider.wait_for(sent)
        body = provider.requests[-1].body.decode()
        text = parse_qs(body)["Body"][0] if body.startswith("To=") else body
        code = re.search(r"\d{6} is your", text) or re.search(r"\d{6}", text)
        assert code
        form = {
            "csrf_token": field(page, "csrf_token"),
            "ticket": field(page, "ticket"),
            "code": code.group()[:6],
        }
        reply = client.post(f"{url}/sign-up/code", data=form)
        assert reply.url == f"{url}/account"
        return body


def test_the_connector_is_switched_under_a_running_server(house: House, tmp_path: Path) -> None:
    with Provider() as provider, serving(house.database_url, tmp_path / "instance") as server:
        provider.answer(201, b'{"sid": "SM1", "status": "queued"}')
        config = {"url": provider.url, "body": '{"to": "{to}", "text": "{text}"}'}
        house.set(connectors={"active": "http", "configurations": {"http": config}})
        time.sleep(0.7)
        assert '"+33612345678"' in sign_up(server.url, provider, "06 12 34 56 78", 1)
        twilio = {
            "account_sid": ACCOUNT,
            "auth_token": "f" * 32,
            "sender": "+15005550006",
            "base_url": provider.url.rstrip("/"),
        }
        house.set(connectors={"active": "twilio", "configurations": {"http": config, "twilio": twilio}})
        time.sleep(0.7)
        assert sign_up(server.url, provider, "06 12 34 56 79", 2).startswith("To=%2B33612345679&")
        assert f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json" in provider.requests[-1].path
    log = server.log.read_text()
    for secret in ("612345678", "612345679", "f" * 32, "is your"):
        assert secret not in log
