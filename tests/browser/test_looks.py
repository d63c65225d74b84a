"""Every page of people and every error of it: readable, reachable, light, in every look."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.browser import console_walk
from tests.browser.looking import Eyes, check_look
from tests.browser.test_browser import opened
from tests.browser.walk import PEOPLE
from tests.kit import House, Server
from tests.provider import Provider


def test_every_page_of_people_looks_right(chromium: Browser, server: Server, sqlite_house: House) -> None:
    eyes = Eyes(server)
    with opened(chromium) as page:
        eyes.open(page)
        for steps in PEOPLE:
            steps(page, server, sqlite_house, eyes)
    assert len(set(eyes.visited)) > 80


def test_every_page_of_the_console_looks_right(
    chromium: Browser, server: Server, provider: Provider, sqlite_house: House
) -> None:
    def stop(page: Page, name: str) -> None:
        visited.append(name)
        check_look(page)

    visited: list[str] = []
    with opened(chromium) as page:
        console_walk.whole(page, server, provider, sqlite_house, stop)
    assert len(set(visited)) > 50
