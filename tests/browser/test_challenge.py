"""A challenge in a real browser: with JavaScript, without, and where the browser may not do sums."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from storage import guard
from tests.browser.looking import Eyes, check_keyboard, check_look
from tests.browser.test_browser import NUMBER, opened, press
from tests.kit import House, Server

HEAVIEST = 45_000  # bytes, compressed, with altcha: nowhere else


@pytest.fixture
def asking(server: Server, sqlite_house: House) -> Iterator[Server]:
    """A server that asks strangers for a challenge."""
    sqlite_house.set(guard={"mode": "on"})
    with sqlite_house.services.database.write() as connection:
        for country in ("FR", "GB"):
            guard.pin(connection, f"country:{country}", "challenge", sqlite_house.clock())
    return server


def ask(page: Page, server: Server) -> None:
    page.goto(server.url + "/sign-in")
    page.select_option("#country", "FR")
    page.fill("#phone", NUMBER)
    press(page, "Send me a code")


def stand_still(page: Page) -> None:
    """No sum is done before the page is looked at."""
    page.add_init_script("HTMLFormElement.prototype.requestSubmit = () => {}")


def test_the_browser_does_the_sum_by_itself(chromium: Browser, asking: Server, sqlite_house: House) -> None:
    with opened(chromium) as page:
        ask(page, asking)
        page.wait_for_url("**/sign-in/code?*", timeout=30_000)
        assert sqlite_house.count("messages") == 1
        page.go_back()
        expect(page.locator("h1")).to_have_text("This check is over")
        check_look(page)


def test_the_page_looks_right_and_is_light_enough(chromium: Browser, asking: Server) -> None:
    eyes = Eyes(asking)
    with opened(chromium) as page:
        stand_still(page)
        eyes.open(page)
        loaded: list[int] = []
        page.on("requestfinished", lambda request: loaded.append(request.sizes()["responseBodySize"]))
        ask(page, asking)
        expect(page.locator("altcha-widget")).to_contain_text("Done", timeout=30_000)
        check_look(page)
        check_keyboard(page)
        assert sum(loaded) < HEAVIEST
        assert not [cookie for cookie in page.context.cookies() if "altcha" in cookie["name"]]


def test_where_sums_are_not_possible_one_waits(chromium: Browser, asking: Server, sqlite_house: House) -> None:
    with opened(chromium) as page:
        page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })")
        ask(page, asking)
        expect(page.locator("altcha-widget")).to_have_count(0)
        expect(page.get_by_role("button", name="Continue")).to_have_count(0)
        check_look(page)
        press(page, "Wait 30 seconds")
        expect(page.locator("#wait")).to_contain_text("You can go on in")
        assert sqlite_house.count("messages") == 0


def test_without_javascript_one_waits(chromium: Browser, asking: Server, sqlite_house: House) -> None:
    with opened(chromium, java_script_enabled=False) as page:
        ask(page, asking)
        press(page, "Wait 30 seconds")
        press(page, "Go on after the wait")
        expect(page.locator(".summary")).to_contain_text("The wait is not over yet.")
        sqlite_house.sql("UPDATE challenges SET ready_at = ready_at - 30")
        press(page, "Go on after the wait")
        page.wait_for_url("**/sign-in/code?*")
        assert sqlite_house.count("messages") == 1
