"""The pages of second factors as a browser has them: small and dark, from right to left, for axe."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from rules import totp
from tests.browser.test_browser import LOOKS, NUMBER, check_look, opened, press, shown_code, start
from tests.kit import House, Server

PASSWORD = "four horses by the sea"


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_of_second_factors_looks_right(
    chromium: Browser, server: Server, sqlite_house: House, look: dict[str, Any]
) -> None:
    sqlite_house.set(
        sign_up={"password": True},
        sign_in={"phone": "password_or_code", "passkey": True},
        second_factors={"policy": "required"},
        limits={"resend_waits": ["0"]},
    )
    with opened(chromium, **look) as page:
        start(page, server, "/sign-up")
        page.fill("#code", shown_code(page, server))
        press(page, "Continue")
        page.fill("#new_password", PASSWORD)
        press(page, "Continue")
        walk_enrolment(page, server)
        walk_second_step(page, server, sqlite_house)


def follow(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=name).first.click()


def walk_enrolment(page: Page, server: Server) -> None:
    check_look(page)
    press(page, "Authenticator app")
    check_look(page)
    page.fill("#code", "000000")
    press(page, "Continue")
    check_look(page)
    key = page.locator(".key").inner_text()
    page.fill("#code", totp.code_at(key, int(page.evaluate("Date.now()") // 30_000)))
    press(page, "Continue")
    check_look(page)
    press(page, "I have kept them")
    for path in ("/account", "/account/security", "/mfa/enrol", "/mfa/enrol/new-passkey"):
        page.goto(server.url + path)
        check_look(page)
    page.goto(server.url + "/account/security")
    follow(page, "Change")
    check_look(page)
    page.fill("#name", "x" * 101)
    press(page, "Save")
    check_look(page)


def walk_second_step(page: Page, server: Server, house: House) -> None:
    page.goto(server.url + "/account")
    press(page, "Sign out")
    page.goto(server.url + "/sign-in")
    check_look(page)
    page.select_option("#country", "FR")
    page.fill("#phone", NUMBER)
    press(page, "Continue")
    page.fill("#password", PASSWORD)
    press(page, "Sign in")
    check_look(page)
    ways = page.url
    for name in ("Authenticator app", "Text message", "Backup code"):
        page.goto(ways)
        follow(page, name)
        check_look(page)
        if name != "Text message":
            page.fill("#code", "000000")
            press(page, "Continue")
            check_look(page)
    page.goto(ways.replace("/mfa?", "/mfa/sms?"))
    press(page, "Send a code to")
    check_look(page)
    house.set(second_factors={"totp": False, "sms": False, "passkey": True})
    page.wait_for_timeout(700)
    page.goto(ways)
    check_look(page)
