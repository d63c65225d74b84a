"""The pages of numbers that change, as a browser has them: replaced, lost, asleep, and somebody else's now."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import check_keyboard, check_look
from tests.browser.test_browser import NUMBER, opened, press, start
from tests.kit import House, Server

PASSWORD = "four horses by the sea"


def look(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        page.set_viewport_size({"width": 390, "height": 700})
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    check_look(page)
    check_keyboard(page)


def sign_up(page: Page, server: Server, house: House) -> None:
    start(page, server, "/sign-up")
    page.fill("#code", house.codes()[0])
    press(page, "Continue")
    page.fill("#new_password", PASSWORD)
    press(page, "Continue")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_number_is_replaced(chromium: Browser, server: Server, sqlite_house: House, javascript: bool) -> None:
    sqlite_house.set(sign_up={"password": True}, limits={"resend_waits": ["0"]})
    with opened(chromium, java_script_enabled=javascript) as page:
        sign_up(page, server, sqlite_house)
        page.goto(server.url + "/account/phones")
        with page.expect_navigation():
            page.get_by_role("link", name="Replace").click()
        expect(page.get_by_role("heading", name="Replace a phone number")).to_be_visible()
        if javascript:
            look(page, "replace")
        page.select_option("#country", "FR")
        page.fill("#phone", "06 98 76 54 32")
        press(page, "Send me a code")
        page.fill("#code", sqlite_house.codes()[0])
        press(page, "Continue")
        page.wait_for_url("**/account/phones")
        assert [row.value for row in sqlite_house.sql("SELECT value FROM identifiers")] == ["+33698765432"]


def test_every_page_of_a_number_that_has_a_new_owner_looks_right_in_french(
    chromium: Browser, server: Server, sqlite_house: House
) -> None:
    sqlite_house.set(
        sign_up={"password": True},
        sign_in={"email": "code"},
        limits={"resend_waits": ["0"]},
        application={"help_url": "https://help.example.com"},
    )
    member = sqlite_house.browser().open("/sign-up").send(country="FR", phone=NUMBER).type_code()
    member.send(new_password=PASSWORD).open("/account/emails/add").send(email="ann@example.com").type_code()
    sqlite_house.sql("UPDATE accounts SET seen_at = 1, created_at = 1")
    with opened(chromium, locale="fr-FR") as page:
        page.goto(server.url + "/sign-in")
        page.select_option("#country", "FR")
        page.fill("#phone", NUMBER)
        submit(page)
        look(page, "code")
        visit(page, server, "/sign-in/lost-number", "lost")
        page.go_back()
        page.fill("#code", sqlite_house.codes()[0])
        submit(page)
        ticket = page.url.partition("ticket=")[2]
        look(page, "ways")
        visit(page, server, f"/mfa/email?ticket={ticket}", "email")
        visit(page, server, f"/mfa/password?ticket={ticket}", "password")
        page.fill("#password", "not this one at all")
        submit(page)
        look(page, "wrong-password")
        visit(page, server, f"/mfa/new-owner?ticket={ticket}", "new-owner")
        submit(page)
        look(page, "told")
        member.open("/account/phones")
        sqlite_house.sql("UPDATE number_claims SET release_at = 1")
        visit(page, server, f"/mfa/new-owner?ticket={ticket}", "free")
        submit(page)
        page.wait_for_url("**/complete/password")
    assert sqlite_house.count("accounts") == 2


def test_whoever_has_the_number_still_is_asked_to_prove_it(
    chromium: Browser, server: Server, sqlite_house: House
) -> None:
    sqlite_house.set(sign_up={"password": True}, limits={"resend_waits": ["0"]})
    with opened(chromium) as page:
        sign_up(page, server, sqlite_house)
        now = sqlite_house.clock()
        sqlite_house.sql(
            "INSERT INTO number_claims SELECT value, account_id, :now, :then, :end FROM identifiers",
            now=now,
            then=now + 86400,
            end=now + 2 * 86400,
        )
        visit(page, server, "/account/phones", "claimed")
        press(page, "Prove it")
        page.fill("#code", sqlite_house.codes()[0])
        press(page, "Continue")
        page.wait_for_url("**/account/phones")
    assert sqlite_house.count("number_claims") == 0


def visit(page: Page, server: Server, path: str, name: str) -> None:
    page.goto(server.url + path)
    look(page, name)


def submit(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form button.primary").first.click()
