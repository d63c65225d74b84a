"""The guard's room during an attack, as an operator has it who has never seen it: two clicks."""

from __future__ import annotations

import os

from playwright.sync_api import Browser, expect

from tests.browser.console import first_visit
from tests.browser.looking import check_keyboard, check_look
from tests.browser.test_browser import opened
from tests.flows.test_guard import attack
from tests.kit import House, Server


def test_an_attack_is_seen_and_stopped(chromium: Browser, server: Server, sqlite_house: House) -> None:
    with opened(chromium) as page:
        first_visit(page, server)
        page.goto(server.url + "/admin/guard")
        check_look(page)
        sqlite_house.set(guard={"mode": "on"})
        attack(sqlite_house, 40, apart=0.1)
        page.goto(server.url + "/admin/messages")
        check_look(page)
        with page.expect_navigation():
            page.get_by_role("link", name="See and stop it").click()
        check_look(page)
        check_keyboard(page)
        if folder := os.environ.get("SHOTS"):
            page.set_viewport_size({"width": 1280, "height": 800})
            page.screenshot(path=f"{folder}/wide.png", full_page=True)
            page.set_viewport_size({"width": 320, "height": 800})
            page.emulate_media(color_scheme="dark")
            page.screenshot(path=f"{folder}/small.png", full_page=True)
            page.emulate_media(color_scheme="light")
        page.get_by_role("button", name="refus").first.or_(page.get_by_role("button", name="Refuse")).first.click()
        expect(page.get_by_text("By an admin, until somebody changes it.")).to_be_visible()
        check_look(page)
        with page.expect_navigation():
            page.get_by_role("link", name="Twilio Lookup").click()
        check_look(page)
        page.get_by_role("button", name="Ask about it").click()
        expect(page.get_by_text("Fill this in.").first).to_be_visible()
        check_look(page)
        if folder := os.environ.get("SHOTS"):
            page.set_viewport_size({"width": 1280, "height": 800})
            page.screenshot(path=f"{folder}/look_up.png", full_page=True)
            page.set_viewport_size({"width": 320, "height": 800})
            page.emulate_media(color_scheme="dark")
            page.screenshot(path=f"{folder}/look_up_small.png", full_page=True)
