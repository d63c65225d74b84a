"""The pages of passwords as a browser has them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_browser import LOOKS, check_look, opened, press, shown_code
from tests.kit import House, Server, wait_until
from tests.pages.test_forgot_password import MEMBER, NEW, OLD, SETTINGS


def open_with(page: Page, url: str, selector: str) -> None:
    """Once the server has heard of the settings that make it a page with this."""

    def is_there() -> bool:
        page.goto(url)
        return page.locator(selector).count() == 1

    wait_until(is_there, seconds=10)


@pytest.mark.parametrize("look", [*LOOKS, LOOKS[0] | {"locale": "fr-FR"}, LOOKS[0] | {"java_script_enabled": False}])
def test_a_password_is_forgotten_set_anew_and_changed(
    chromium: Browser, server: Server, sqlite_house: House, look: dict[str, Any]
) -> None:
    """Every page of it looks right, in each look; without JavaScript it works as well."""
    sqlite_house.set(**SETTINGS)
    sqlite_house.browser().open("/sign-up").send(country="FR", phone=MEMBER).type_code().send(new_password=OLD)
    sqlite_house.sql("DELETE FROM messages")
    sqlite_house.sql("DELETE FROM counters")
    with opened(chromium, **look) as page:

        def check() -> None:
            if look.get("java_script_enabled", True):
                check_look(page)

        def send() -> None:
            with page.expect_navigation():
                page.locator("main .primary").click()

        open_with(page, server.url + "/forgot-password", "#phone")
        check()
        page.select_option("#country", "FR")
        page.fill("#phone", MEMBER)
        send()
        page.wait_for_url("**/forgot-password/code?*")
        check()
        page.fill("#code", shown_code(page, server))
        send()
        page.wait_for_url("**/forgot-password/new?*")
        check()
        page.fill("#new_password", "x" * 20)
        send()
        assert page.locator("#new_password").get_attribute("aria-invalid") == "true"
        check()
        page.fill("#new_password", NEW)
        send()
        page.wait_for_url("**/sign-in")
        expect(page.locator(".told")).to_be_visible()
        check()
        page.select_option("#country", "FR")
        page.fill("#phone", MEMBER)
        send()
        page.fill("#password", NEW)
        send()
        page.wait_for_url("**/account")
        page.goto(server.url + "/account/password")
        assert page.locator("#end_sessions").is_checked()
        check()
        page.fill("#new_password", OLD)
        send()
        expect(page.locator(".told")).to_be_visible()
        check()


def test_a_password_can_be_shown_and_is_pasted_whole(chromium: Browser, server: Server, sqlite_house: House) -> None:
    sqlite_house.set(sign_up={"identifier": "username", "password": True}, sign_in={"username": "password"})
    long = "x7 plum/" * 16
    with opened(chromium) as page:
        open_with(page, server.url + "/sign-up/name", "#new_password")
        box = page.locator("#new_password")
        assert box.get_attribute("type") == "password"
        assert box.get_attribute("autocomplete") == "new-password"
        assert box.get_attribute("maxlength") is None
        box.focus()
        page.keyboard.insert_text(long)
        page.get_by_role("button", name="Show password").click()
        assert box.get_attribute("type") == "text"
        assert box.input_value() == long
        page.fill("#username", "brimblewick")
        press(page, "Create an account")
        assert page.locator("#new_password").get_attribute("aria-invalid") == "true", "the same again and again"
        page.fill("#new_password", NEW)
        press(page, "Create an account")
        page.wait_for_url("**/account")
