"""The console in a browser: the way in, and the two providers that are switched between."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.test_browser import press
from tests.kit import ADMIN, PASSWORD, Server, wait_until
from tests.provider import Provider

SETUP = r"\S+/admin/setup\S+(?=\s)"
OWN_NUMBER = "+33 6 12 34 56 00"
PASSPHRASE = "four horses by the sea"
VONAGE, TENCENT = "Vonage SMS", "Tencent Cloud SMS"
VONAGE_TOOK = {"message-count": "1", "messages": [{"status": "0", "message-id": "0A0B", "message-price": "0.03"}]}
VONAGE_WRONG_KEY = {"message-count": "1", "messages": [{"status": "4", "error-text": "Bad Credentials"}]}
TENCENT_TOOK = {"Response": {"SendStatusSet": [{"SerialNo": "5000:1", "Code": "Ok"}], "RequestId": "a0a0"}}
TEMPLATES = json.dumps([{"id": "449740", "parameters": ["code", "minutes"]}])


def first_visit(page: Page, server: Server) -> None:
    """By the one-time link of the server's log, without an authenticator app."""
    page.goto(setup_link(server))
    page.fill("#name", ADMIN)
    page.fill("#password", PASSWORD)
    press(page, "Continue")
    press(page, "Not now")


def setup_link(server: Server) -> str:
    """The server prints it after it has begun to listen."""
    wait_until(lambda: bool(re.search(SETUP, server.log.read_text())))
    return str(re.findall(SETUP, server.log.read_text())[0])


def fill_vonage(page: Page, provider: Provider, sender: str = "MyShop") -> None:
    page.fill("#key_id", "abcd1234")
    page.fill("#api_secret", "aSecret0123456")
    page.fill("#sender", sender)
    page.fill("#base_url", provider.url)


def fill_tencent(page: Page, provider: Provider, templates: str = TEMPLATES) -> None:
    page.fill("#key_id", "AKIDexample")
    page.fill("#secret_key", "aSecretKey0123456")
    page.fill("#sdk_app_id", "1400006666")
    page.fill("#templates", templates)
    page.fill("#base_url", provider.url)


def download(page: Page, server: Server) -> str:
    """The settings in force as a document, the secrets sealed with ``PASSPHRASE``."""
    page.goto(server.url + "/admin/settings/transfer")
    page.fill("#seal", PASSPHRASE)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download").click()
    return Path(started.value.path()).read_text()


def preview(page: Page, server: Server, document: str) -> None:
    """What would change if this document became the settings."""
    page.goto(server.url + "/admin/settings/transfer")
    page.fill("#document", document)
    page.fill("#passphrase", PASSPHRASE)
    press(page, "Show what would change")


def use(page: Page, server: Server, provider: Provider, name: str = "vonage_sms") -> None:
    """Set a connector up and use it in place of the development connector."""
    page.goto(f"{server.url}/admin/connectors/{name}")
    (fill_vonage if name == "vonage_sms" else fill_tencent)(page, provider)
    press(page, "Save and use")
