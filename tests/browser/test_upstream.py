"""Another provider's button as a browser has it, over the policy that forms meet, and back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looking import check_look
from tests.browser.test_browser import opened
from tests.kit import House, Server
from tests.upstream.kit import elsewhere, offer

EMAIL = "ada@example.com"
SETTINGS = {"sign_in": {"email": "code_or_password", "passkey": True}, "sign_up": {"identifier": "phone_or_email"}}


@pytest.mark.parametrize("look", [{"locale": "fr-FR"}, {"java_script_enabled": False}])
def test_linked_by_a_code_and_in_again(
    chromium: Browser, server: Server, sqlite_house: House, look: dict[str, Any]
) -> None:
    """In French, where every page of it looks right; without JavaScript it works as well."""
    house = sqlite_house
    house.set(**SETTINGS)
    house.browser().open("/sign-up").send(country="FR", phone=EMAIL).type_code()
    house.sql("DELETE FROM messages")
    house.sql("DELETE FROM counters")
    with elsewhere(claims={"sub": "ada", "email": EMAIL, "email_verified": True}) as provider:
        offer(house, provider.url)
        with opened(chromium, **look) as page:

            def check() -> None:
                if look.get("java_script_enabled", True):
                    check_look(page)

            page.goto(server.url + "/sign-up")
            expect(page.locator(".upstream")).to_be_visible()
            check()
            page.goto(server.url + "/sign-in")
            check()
            page.locator(".upstream").click()
            page.wait_for_url("**/linking/ask?*")
            check()
            page.locator("main .primary").click()
            page.wait_for_url("**/linking/code?*")
            check()
            page.fill("#code", "000000")
            page.locator("main .primary").click()
            expect(page.locator("#code-error")).to_be_visible()
            assert house.count("upstream_identities") == 0, "a wrong code links nothing"
            page.fill("#code", house.codes()[0])
            page.locator("main .primary").click()
            page.wait_for_url("**/account")
            check()
            page.goto(server.url + "/account/linked")
            check()
            expect(page.locator("main")).to_contain_text(EMAIL)
        with opened(chromium, **look) as page:
            page.goto(server.url + "/sign-in")
            page.locator(".upstream").click()
            page.wait_for_url("**/account")
            page.goto(server.url + "/account/linked")
            page.locator("main form button").first.click()
            expect(page.locator("main")).not_to_contain_text(EMAIL)
        assert (house.count("accounts"), house.count("upstream_identities")) == (1, 0)
        provider.claims = {"sub": "ben"}
        with opened(chromium, **look) as page:
            page.goto(server.url + "/sign-up")
            page.locator(".upstream").click()
            page.wait_for_url("**/linking/ask?*")
            page.locator("main .primary").click()
            page.wait_for_url("**/account*")
    assert (house.count("accounts"), house.count("upstream_identities")) == (2, 1)
