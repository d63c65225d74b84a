"""The pages of passwords as a browser has them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looking import check_look
from tests.browser.test_browser import opened, press
from tests.kit import House, Server
from tests.pages.test_forgot_password import MEMBER, NEW, OLD, SETTINGS


@pytest.mark.parametrize("look", [{"locale": "fr-FR"}, {"java_script_enabled": False}])
def test_a_password_is_forgotten_set_anew_and_changed(
    chromium: Browser, server: Server, sqlite_house: House, look: dict[str, Any]
) -> None:
    """In French, where every page of it looks right; without JavaScript it works as well."""
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

        page.goto(server.url + "/forgot-password")
        check()
        page.select_option("#country", "FR")
        page.fill("#phone", MEMBER)
        send()
        page.wait_for_url("**/forgot-password/code?*")
        check()
        page.fill("#code", sqlite_house.codes()[0])
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
        page.goto(server.url + "/sign-up/name")
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
