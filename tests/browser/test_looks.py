"""Every page of people and every error of it: readable, reachable, light, in every look."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import console_walk, walk
from tests.browser.looking import Eyes, check_look
from tests.browser.test_browser import opened
from tests.kit import House, Server
from tests.provider import Provider

WAYS = {
    "door": (walk.door, walk.sign_out),
    "password": (walk.forgotten,),
    "factors": (walk.enrolment, walk.second_step, walk.centre, walk.application, walk.errors),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_page_of_people_looks_right(chromium: Browser, server: Server, sqlite_house: House, way: str) -> None:
    eyes = Eyes(server)
    with opened(chromium) as page:
        eyes.open(page)
        for steps in WAYS[way]:
            steps(page, server, sqlite_house, eyes)
    assert len(eyes.visited) == len(set(eyes.visited))


def test_every_page_of_the_console_looks_right(
    chromium: Browser, server: Server, provider: Provider, sqlite_house: House
) -> None:
    def stop(page: Page, name: str) -> None:
        visited.append(name)
        check_look(page)

    visited: list[str] = []
    with opened(chromium) as page:
        console_walk.way_in(page, server, stop)
        console_walk.connectors(page, server, provider, stop)
        console_walk.texts_and_settings(page, server, stop)
        sqlite_house.set(connectors={"active": "development", "standby": ""}, codes={"length": 6})
        console_walk.people_and_applications(page, server, sqlite_house, stop)
        console_walk.logs(page, server, stop)
    assert len(visited) == len(set(visited))
