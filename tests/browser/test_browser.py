"""The journey and the pages as a browser has them: with JavaScript and without, small and dark, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.kit import House, Server

NUMBER = "06 12 34 56 78"
EXPECTED = "status of (4|503)|Blocked script execution in 'about:srcdoc'"  # refusals, and the previews of pages


@contextmanager
def opened(chromium: Browser, **options: Any) -> Iterator[Page]:
    """A page in a fresh browser profile. Whatever the browser complains of fails the test."""
    context = chromium.new_context(**({"locale": "en-GB"} | options))
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    unexpected = [text for text in complaints if not re.search(EXPECTED, text)]
    assert unexpected == []


def press(page: Page, name: str) -> None:
    """Press a button and wait for the page that it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def start(page: Page, server: Server, path: str = "/sign-in", number: str = NUMBER) -> None:
    page.goto(server.url + path)
    page.select_option("#country", "FR")
    page.fill("#phone", number)
    press(page, "Send me a code")
    page.wait_for_url("**/code?*")


def shown_code(page: Page, server: Server) -> str:
    """The only code so far, as the page of the development connector shows it."""
    other = page.context.new_page()
    for _ in range(50):
        other.goto(server.url + "/dev/messages")
        if other.locator(".sms").count():
            break
        other.wait_for_timeout(100)
    found = re.search(r"\d{6}", other.locator(".sms").first.inner_text())
    other.close()
    assert found
    return found.group()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_whole_journey(chromium: Browser, server: Server, javascript: bool) -> None:
    with opened(chromium, java_script_enabled=javascript) as page:
        start(page, server)
        page.fill("#code", shown_code(page, server))
        press(page, "Continue")
        press(page, "Create an account")
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
        press(page, "Show number")
        expect(page.get_by_text("+33 6 12 34 56 78")).to_be_visible()
        press(page, "Sign out")
        expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()


def test_a_double_click_sends_one_message(chromium: Browser, server: Server, sqlite_house: House) -> None:
    for javascript in (True, False):
        with opened(chromium, java_script_enabled=javascript) as page:
            page.goto(server.url + "/sign-in")
            page.select_option("#country", "FR")
            page.fill("#phone", NUMBER if javascript else "06 12 34 56 79")
            page.get_by_role("button", name="Send me a code").dblclick()
            page.wait_for_url("**/code?*")
            expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    assert sqlite_house.count("messages") == 2


def test_by_keyboard_alone(chromium: Browser, server: Server) -> None:
    with opened(chromium) as page:
        page.goto(server.url + "/sign-in")
        page.locator("#country").focus()
        page.keyboard.type("+33")
        page.keyboard.press("Tab")
        page.keyboard.type(NUMBER)
        page.keyboard.press("Enter")
        page.wait_for_url("**/code?*")
        expect(page.locator("#code")).to_be_focused()
        page.keyboard.type("000000")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#code")).to_be_focused()


def test_the_page_tells_what_became_of_the_message(chromium: Browser, server: Server) -> None:
    with opened(chromium) as page:
        start(page, server)
        expect(page.locator("[role=status]").first).to_contain_text("Code sent")


def test_a_browser_that_lost_its_cookies_keeps_what_was_typed(chromium: Browser, server: Server) -> None:
    with opened(chromium) as page:
        page.goto(server.url + "/sign-in")
        page.fill("#phone", NUMBER)
        page.context.clear_cookies()
        press(page, "Send me a code")
        expect(page.get_by_text(NUMBER)).to_be_visible()
        press(page, "Continue")
        expect(page.get_by_role("heading", name="Sign in with your phone")).to_be_visible()
        expect(page.locator("#phone")).to_have_value(NUMBER)
