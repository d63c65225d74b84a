"""From an application to the sign-in page and back, in a browser that holds every page to its policy."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looking import faults
from tests.browser.test_browser import NUMBER, opened, press
from tests.kit import House, Server
from tests.oidc.kit import Shop, add_shop, challenge
from tests.provider import Provider


def link(server: Server, shop: Shop, callback: str, **more: str) -> str:
    asked = {
        "client_id": shop.client_id,
        "redirect_uri": callback,
        "response_type": "code",
        "scope": "openid phone",
        "state": "s",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    return f"{server.url}/oauth/authorize?" + urlencode(asked | more)


@pytest.mark.parametrize("javascript", [True, False])
def test_there_and_back(chromium: Browser, server: Server, sqlite_house: House, javascript: bool) -> None:
    """The browser itself refuses a form whose redirects end where the page's policy does not allow."""
    with Provider() as application, opened(chromium, java_script_enabled=javascript) as page:
        application.answer(200, b"<title>back</title>", {"Content-Type": "text/html"})
        callback = f"{application.url}/callback"
        shop = add_shop(
            sqlite_house, redirect_uris=[callback], colour="#7a1fa2", logo_url=f"{application.url}/logo.png"
        )
        page.goto(link(server, shop, callback, screen_hint="sign_up"))
        expect(page.get_by_text("The Shop").first).to_be_visible()
        button = page.get_by_role("button", name="Send me a code")
        expect(button).to_have_css("background-color", "rgb(122, 31, 162)")
        page.select_option("#country", "FR")
        page.fill("#phone", NUMBER)
        press(page, "Send me a code")
        page.fill("#code", sqlite_house.codes()[0])
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(re.compile(re.escape(callback) + r"\?code="))
        page.goto(link(server, shop, callback, prompt="login"))
        page.get_by_role("button", name="Back to The Shop").click()
        page.wait_for_url(re.compile(re.escape(callback) + r"\?error=access_denied"))
        page.goto(link(server, shop, callback, prompt="consent"))
        if javascript:
            assert faults(page) == []
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url(re.compile(re.escape(callback) + r"\?code="))
        page.goto(f"{server.url}/oauth/logout")
        if javascript:
            assert faults(page) == []
        press(page, "Sign out")
        page.goto(f"{server.url}/device?user_code=BCDF-GHJK")
        if javascript:
            assert faults(page) == []
        press(page, "Continue")
        expect(page.get_by_text("No device shows this code now").first).to_be_visible()
