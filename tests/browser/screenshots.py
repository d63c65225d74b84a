"""Pictures of the pages: ``python -m tests.browser.screenshots [FOLDER]``; without a folder the README's two."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from storage.migrate import upgrade
from tests import services
from tests.browser.conftest import QUIET
from tests.browser.console import (
    OWN_NUMBER,
    VONAGE,
    VONAGE_TOOK,
    VONAGE_WRONG_KEY,
    download,
    fill_tencent,
    fill_vonage,
    preview,
    setup_link,
)
from tests.browser.test_browser import press, shown_code, start
from tests.kit import ADMIN, PASSWORD, ROOT, Server, serving
from tests.provider import Provider

PHONE = {"viewport": {"width": 390, "height": 700}, "device_scale_factor": 2, "locale": "en-GB"}
DESKTOP = {"viewport": {"width": 1280, "height": 860}, "locale": "en-GB"}
WIDTHS = (320, 1280)
Shot = Callable[[str], None]


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
    """Each page of the console in its states, at the width of a small phone and of a desktop."""
    page = browser.new_context(**DESKTOP).new_page()
    numbers = count(1)

    def shot(name: str) -> None:
        number = next(numbers)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 860})
            page.screenshot(path=folder / f"console_{number:02}_{name}_{width}.png", full_page=True)

    page.goto(setup_link(server))
    page.fill("#name", ADMIN)
    page.fill("#password", PASSWORD)
    shot("setup")
    press(page, "Continue")
    shot("authenticator")
    press(page, "Not now")
    with Provider() as provider:
        walk_connectors(page, server, provider, shot)
        walk_texts_and_settings(page, server, shot)
    for name in ("messages", "audit"):
        page.goto(server.url + f"/admin/{name}")
        shot(name)


def walk_connectors(page: Page, server: Server, provider: Provider, shot: Shot) -> None:
    for path, name in (("", "connectors"), ("?q=zzz", "connectors_none"), ("/vonage_sms", "connector")):
        page.goto(server.url + "/admin/connectors" + path)
        shot(name)
    for answer, name in ((VONAGE_WRONG_KEY, "connector_wrong_key"), (VONAGE_TOOK, "connector_tested")):
        provider.answer(200, answer)
        fill_vonage(page, provider)
        page.fill("#test_to", OWN_NUMBER)
        press(page, "Send a test message")
        shot(name)
    fill_vonage(page, provider)
    press(page, "Save and use")
    shot("connector_saved")
    page.goto(server.url + "/admin/connectors/tencent")
    press(page, "Save and use")
    shot("connector_errors")
    fill_tencent(page, provider)
    page.fill("#countries", "CN")
    press(page, "Save and let it stand by")
    shot("connector_standby")
    page.goto(server.url + "/admin/connectors/vonage_sms/delete")
    shot("delete")
    press(page, "Delete")
    shot("delete_error")
    page.fill("#confirm", VONAGE)
    press(page, "Delete")
    shot("connectors_changed")


def walk_texts_and_settings(page: Page, server: Server, shot: Shot) -> None:
    steps = (
        ("templates", "#generic", "{code} ✓", "Preview"),
        ("templates", "#generic", "{nothing}", "Save"),
        ("templates/json", "#texts", '{"en": {\n"generic": "none"}}', "Save"),
        ("settings", "[name='codes.length']", "99", "Save"),
        ("settings", "[name='codes.length']", "8", "Save"),
        ("settings/transfer", "#document", "{", "Show what would change"),
    )
    for path, box, typed, button in steps:
        page.goto(server.url + f"/admin/{path}")
        shot(path.replace("/", "_"))
        page.fill(box, typed)
        press(page, button)
        shot(f"{path.replace('/', '_')}_after")
    preview(page, server, download(page, server).replace('"length": 8', '"length": 6'))
    shot("switch")
    press(page, "Switch to these settings")
    shot("switch_error")
    page.goto(server.url + "/admin/settings/history")
    shot("history")


if __name__ == "__main__":
    main(*sys.argv[1:])
