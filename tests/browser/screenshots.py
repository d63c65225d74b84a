"""Pictures of the pages: ``python -m tests.browser.screenshots [FOLDER]``; without a folder the README's two."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from storage.migrate import upgrade
from tests import services
from tests.browser.conftest import QUIET
from tests.browser.test_browser import press, shown_code, start
from tests.kit import PASSWORD, ROOT, Server, serving

PHONE = {"viewport": {"width": 390, "height": 700}, "device_scale_factor": 2, "locale": "en-GB"}
DESKTOP = {"viewport": {"width": 1280, "height": 860}, "locale": "en-GB"}


def main(folder: str = "") -> None:
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        url = f"sqlite:///{scratch}/doorcode.db"
        upgrade(url)
        with serving(url, Path(scratch)) as server:
            browser = playwright.chromium.launch(executable_path=services.chromium(), args=QUIET)
            if folder:
                Path(folder).mkdir(parents=True, exist_ok=True)
                people(browser, server, Path(folder))
                console(browser, server, Path(folder))
            else:
                readme(browser, server)
            browser.close()


def readme(browser: Browser, server: Server) -> None:
    images = ROOT / "docs" / "images"
    page = browser.new_context(**PHONE).new_page()
    page.goto(server.url + "/sign-in")
    page.screenshot(path=images / "sign_in.png")
    page = browser.new_context(**PHONE, color_scheme="dark").new_page()
    start(page, server)
    page.screenshot(path=images / "code.png")


def people(browser: Browser, server: Server, folder: Path) -> None:
    """Each page and error of people, at the width of a phone, light; some in the dark, in French and on a desktop."""
    page = browser.new_context(**PHONE).new_page()

    def shot(name: str) -> None:
        page.screenshot(path=folder / f"{name}.png", full_page=True)

    page.goto(server.url + "/sign-in")
    shot("1_sign_in")
    page.fill("#phone", "06 12")
    press(page, "Send me a code")
    shot("2_sign_in_error")
    start(page, server)
    page.wait_for_timeout(2500)
    shot("3_code")
    page.fill("#code", "000000")
    press(page, "Continue")
    shot("4_code_error")
    page.fill("#code", shown_code(page, server))
    press(page, "Continue")
    shot("5_create_account")
    press(page, "Create an account")
    shot("6_account")
    page.goto(server.url + "/account/sessions")
    shot("7_sessions")
    page.goto(server.url + "/nowhere")
    shot("8_not_found")
    page.goto(server.url + "/dev/messages")
    shot("9_messages")
    for name, options in (("dark", {"color_scheme": "dark"}), ("french", {"locale": "fr-FR"})):
        page = browser.new_context(**(PHONE | options)).new_page()
        page.goto(server.url + "/sign-in")
        shot(f"sign_in_{name}")
    page = browser.new_context(**DESKTOP).new_page()
    page.goto(server.url + "/sign-in")
    shot("sign_in_desktop")


def console(browser: Browser, server: Server, folder: Path) -> None:
    link = next(word for word in server.log.read_text().split() if "/admin/setup" in word)
    page = browser.new_context(**DESKTOP).new_page()

    def shot(name: str, **options: Any) -> None:
        page.screenshot(path=folder / f"console_{name}.png", full_page=True, **options)

    page.goto(link)
    page.fill("#name", "ada")
    page.fill("#password", PASSWORD)
    shot("1_setup")
    press(page, "Continue")
    shot("2_authenticator")
    press(page, "Not now")
    shot("3_connectors")
    walk_console(page, server, shot)


def walk_console(page: Page, server: Server, shot: Any) -> None:
    page.goto(server.url + "/admin/connectors/twilio")
    shot("4_twilio")
    press(page, "Save")
    shot("5_twilio_errors")
    page.goto(server.url + "/admin/settings")
    shot("6_settings")
    page.fill("[name='codes.length']", "8")
    press(page, "Save")
    shot("7_saved")
    for name in ("settings/history", "messages", "audit"):
        page.goto(server.url + f"/admin/{name}")
        shot(name.replace("/", "_"))


if __name__ == "__main__":
    main(*sys.argv[1:])
