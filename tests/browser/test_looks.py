"""Every page of people and every error of it: readable, reachable, light, in every look."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser import walk
from tests.browser.looking import Eyes
from tests.browser.test_browser import opened
from tests.kit import House, Server

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
