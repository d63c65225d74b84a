"""Every page of people and of the console, and every error of it: readable, reachable, light, in every look."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import console_walk
from tests.browser.here import Here, serving_here
from tests.browser.looking import Eyes, bring_axe, check_look
from tests.browser.side_walks import SIDES
from tests.browser.stops import SEEN
from tests.browser.test_browser import opened
from tests.browser.walk import PEOPLE
from tests.provider import Provider


@pytest.fixture
def here(sqlite_template: Path, tmp_path: Path) -> Iterator[Here]:
    path = tmp_path / "doorcode.db"
    shutil.copyfile(sqlite_template, path)
    with serving_here(f"sqlite:///{path}", tmp_path / "instance") as served:
        yield served


def test_every_page_of_people_looks_right(chromium: Browser, here: Here) -> None:
    eyes = Eyes(here)
    with opened(chromium) as page:
        eyes.open(page)
        for steps in (*PEOPLE, *SIDES):
            steps(page, here, here.house, eyes)
    assert {name for name in SEEN if not name.startswith("console/")} - here.seen == set()


def test_every_page_of_the_console_looks_right(chromium: Browser, here: Here, provider: Provider) -> None:
    def stop(page: Page, _name: str) -> None:
        here.look(page)
        check_look(page)

    with opened(chromium) as page:
        bring_axe(page)
        console_walk.whole(page, here, provider, here.house, stop)
    assert {name for name in SEEN if name.startswith("console/")} - here.seen == set()
