"""The examples, each started by its one command, as a browser meets them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from flows import signing_keys
from tests import services
from tests.browser.test_browser import NUMBER, opened
from tests.kit import ROOT, SECRET_KEY, House, Server, listens, wait_until

HELLO = "Hello +33612345678"


@contextmanager
def example(name: str, house: House, server: Server, folder: Path, host: str = "127.0.0.1") -> Iterator[str]:
    """``examples/run.py`` with Doorcode at ``server``: the example's address."""
    signing_keys.ensure(house.services)
    port = services.free_port()
    site = f"http://{host}:{port}"
    variables = os.environ | {
        "DOORCODE_PUBLIC_URL": server.url,
        "DOORCODE_DATABASE_URL": house.database_url,
        "DOORCODE_INSTANCE": str(folder),
        "DOORCODE_SECRET_KEY": SECRET_KEY,
        "SITE": site,
    }
    log = folder / f"{name}.log"
    folder.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        command = [sys.executable, "examples/run.py", name]
        process = subprocess.Popen(
            command, cwd=ROOT, env=variables, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_until(lambda: listens(port) or process.poll() is not None, seconds=60)
        assert process.poll() is None, log.read_text()
        yield site
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def sign_up(at: Page | FrameLocator, house: House) -> None:
    at.get_by_role("link", name="Create an account").click()
    at.locator("#country").select_option("FR")
    at.locator("#phone").fill(NUMBER)
    at.get_by_role("button", name="Send me a code").click()
    expect(at.locator("#code")).to_be_visible()
    at.locator("#code").fill(house.codes()[0])
    at.get_by_role("button", name="Continue").click()


def test_flask(chromium: Browser, server: Server, sqlite_house: House, tmp_path: Path) -> None:
    with example("flask", sqlite_house, server, tmp_path / "example") as site, opened(chromium) as page:
        page.goto(site)
        page.get_by_role("link", name="Sign in").click()
        page.get_by_role("button", name="Back to The flask example").click()
        expect(page.get_by_text("access_denied")).to_be_visible()
        page.get_by_role("link", name="Sign in").click()
        sign_up(page, sqlite_house)
        expect(page.get_by_role("heading")).to_have_text(HELLO)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading")).to_have_text("Nobody is signed in")
        page.get_by_role("link", name="Sign in").click()
        expect(page.get_by_role("heading")).to_have_text("Sign in with your phone")


def test_the_page_by_redirect_in_a_pop_up_and_in_a_frame(
    chromium: Browser, server: Server, sqlite_house: House, tmp_path: Path
) -> None:
    """The page is on another site than Doorcode, so that only cookies for frames reach Doorcode in its frame."""
    with example("page", sqlite_house, server, tmp_path / "example", "localhost") as site, opened(chromium) as page:
        page.goto(site)
        page.get_by_role("button", name="Sign in in a frame").click()
        sign_up(page.frame_locator("iframe"), sqlite_house)
        expect(page.get_by_role("heading", level=1)).to_have_text(HELLO)
        kept = [each for each in page.context.cookies() if each["name"].endswith("_frame")]
        assert kept
        assert all(each["sameSite"] == "None" and each["secure"] and each["partitionKey"] for each in kept)
        page.goto(server.url + "/account")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in with your phone")
        page.goto(site)
        with page.expect_popup() as started:
            page.get_by_role("button", name="Sign in in a pop-up").click()
        popup = started.value
        popup.close()
        expect(page.get_by_role("heading", level=1)).to_have_text("Nobody is signed in: popup_closed")
        with page.expect_popup() as started:
            page.get_by_role("button", name="Sign in in a pop-up").click()
        sqlite_house.sql("DELETE FROM counters")
        sign_up(started.value, sqlite_house)
        expect(page.get_by_role("heading", level=1)).to_have_text(HELLO)
        wait_until(lambda: bool(started.value.is_closed() or page.wait_for_timeout(50)))
        page.goto(site)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(HELLO)
        assert page.url == f"{site}/"


def test_another_site_can_frame_nothing(chromium: Browser, server: Server, sqlite_house: House, tmp_path: Path) -> None:
    with example("page", sqlite_house, server, tmp_path / "example", "localhost") as site, opened(chromium) as page:
        page.goto(site)
        page.get_by_role("button", name="Sign in in a frame").click()
        expect(page.frame_locator("iframe").get_by_role("heading")).to_be_visible()
        address = next(frame.url for frame in page.frames if frame != page.main_frame)
        for path in (address, f"{server.url}/sign-in", f"{server.url}/account"):
            page.goto("about:blank")
            page.set_content(f'<iframe src="{path}"></iframe>')
            page.wait_for_timeout(300)
            assert page.frame_locator("iframe").get_by_role("heading", name="Sign in").count() == 0


@pytest.fixture
def nginx() -> str:
    try:
        return services.find("nginx")
    except services.NotFoundError as reason:
        pytest.skip(str(reason))


def test_an_old_application_behind_nginx(
    chromium: Browser, server: Server, sqlite_house: House, tmp_path: Path, nginx: str
) -> None:
    with (
        example("nginx", sqlite_house, server, tmp_path / "example", "localhost") as site,
        opened(chromium, extra_http_headers={"X-Forwarded-User": "admin", "X-Forwarded-Email": "a@b.c"}) as page,
    ):
        page.goto(f"{site}/papers?year=2026&x=a%20b")
        expect(page.get_by_text("Back to The nginx example")).to_be_visible()
        sign_up(page, sqlite_house)
        expect(page.get_by_role("heading")).to_have_text(HELLO)
        assert page.url == f"{site}/papers?year=2026&x=a%20b"
        expect(page.get_by_text("You are admin")).to_have_count(0)
        page.get_by_role("link", name="Sign out").click()
        page.get_by_role("button", name="Sign out").click()
        page.goto(site)
        expect(page.get_by_role("heading")).to_have_text("Sign in with your phone")
