"""Pictures of the pages: ``python -m tests.browser.screenshots [FOLDER]``; without a folder the README's three."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from flows import admin_setup
from storage.migrate import upgrade
from tests import services
from tests.browser import console_walk
from tests.browser.conftest import QUIET
from tests.browser.here import Here, serving_here
from tests.browser.side_walks import SIDES
from tests.browser.test_browser import press, start
from tests.browser.walk import PEOPLE, Stop, submit
from tests.kit import ADMIN, PASSWORD, ROOT
from tests.provider import Provider

PHONE = {"viewport": {"width": 390, "height": 700}, "device_scale_factor": 2, "locale": "en-GB"}
PHONES = ((390, "light", "ltr"), (320, "dark", "rtl"))
DESKS = ((1280, "light", "ltr"), (320, "dark", "ltr"))


def main(folder: str = "") -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=services.chromium(), args=QUIET)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            for take in (people, console):
                with installation() as here:
                    take(browser, here, Path(folder))
        else:
            with installation() as here:
                readme(browser, here)
        browser.close()


@contextmanager
def installation() -> Iterator[Here]:
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/doorcode.db"
        upgrade(url)
        with serving_here(url, Path(scratch)) as here:
            yield here


def readme(browser: Browser, here: Here) -> None:
    images = ROOT / "docs" / "images"
    page = browser.new_context(**PHONE).new_page()
    page.goto(here.url + "/sign-in")
    page.screenshot(path=images / "sign_in.png")
    page = browser.new_context(**PHONE, color_scheme="dark").new_page()
    start(page, here)
    page.screenshot(path=images / "code.png")
    page = browser.new_context(**PHONE).new_page()
    page.goto(f"{here.url}/admin/setup?key={admin_setup.make_link(here.house.services)}")
    page.fill("#name", ADMIN)
    submit(page, "#password", PASSWORD)
    press(page, "Not now")
    page.goto(here.url + "/admin/connectors/twilio")
    page.screenshot(path=images / "console.png")


def people(browser: Browser, here: Here, folder: Path) -> None:
    page, stop = browser.new_context(locale="en-GB").new_page(), camera(folder, "people", PHONES)
    for steps in (*PEOPLE, *SIDES):
        steps(page, here, here.house, stop)


def console(browser: Browser, here: Here, folder: Path) -> None:
    page = browser.new_context(locale="en-GB").new_page()
    with Provider() as provider:
        console_walk.whole(page, here, provider, here.house, camera(folder, "console", DESKS))


def camera(folder: Path, who: str, looks: tuple[tuple[int, str, str], ...]) -> Stop:
    """Takes a page in these looks: width, colours, direction."""
    numbers = count(1)

    def shot(page: Page, name: str) -> None:
        number = next(numbers)
        for width, scheme, direction in looks:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.evaluate("direction => document.documentElement.dir = direction", direction)
            page.screenshot(path=folder / f"{who}_{number:02}_{name}_{width}_{scheme}.png", full_page=True)
        page.evaluate("document.documentElement.dir = 'ltr'")

    return shot


if __name__ == "__main__":
    main(*sys.argv[1:])
