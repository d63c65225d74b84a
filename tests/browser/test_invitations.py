"""An invitation from the console to the member's page, as browsers show it."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.console import first_visit
from tests.browser.test_browser import opened, press
from tests.kit import House, Server, code_in, wait_until


def newest_text(house: House, number: int) -> str:
    """Once so many messages were taken by the server's own worker."""
    taken = "SELECT count(*) FROM messages WHERE state = 'accepted'"
    wait_until(lambda: house.sql(taken)[0][0] >= number, seconds=30)
    return house.texts()[0]


def test_an_invitation_from_the_console_to_the_members_page(
    chromium: Browser, server: Server, sqlite_house: House
) -> None:
    with opened(chromium) as page:
        first_visit(page, server)
        page.goto(server.url + "/admin/organizations")
        page.locator("a[href='/admin/new-organization']").click()
        press(page, "Add it")
        expect(page.get_by_role("alert")).to_be_visible()
        page.fill("#name", "Acme Rockets and Anvils of the North")
        press(page, "Add it")
        page.get_by_role("link", name="Invitations").click()
        page.fill("#to", "+33612345678")
        page.get_by_role("button", name="Invite", exact=True).click()
        expect(page.locator("td .number")).to_have_text("+33 6 12 34 56 78")
        lines = "phone\nnonsense\n+33612345678\n+33687654321\n"
        page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": lines.encode()})
        press(page, "Invite them all")
        wait_until(lambda: page.reload() and "3 of 3 lines" in page.content(), seconds=30)
        first = sqlite_house.sql("SELECT id FROM messages WHERE recipient = '+33612345678'")
        assert len(first) == 1
        newest_text(sqlite_house, 2)
        texts = [each.text for each in sqlite_house.services.shown_messages() if each.to == "+33612345678"]
        found = re.search(r"/i/[A-Za-z0-9_-]{22}", texts[0])
        assert found
        with opened(chromium) as theirs:
            theirs.goto(server.url + found[0])
            expect(theirs.get_by_role("heading", level=1)).to_have_text("Join Acme Rockets and Anvils of the North?")
            press(theirs, "Accept and get the code")
            theirs.fill("#code", code_in(newest_text(sqlite_house, 3)))
            press(theirs, "Continue")
            expect(theirs.get_by_role("heading", level=1)).to_have_text("Your organisations")
            theirs.goto(server.url + found[0])
            expect(theirs.get_by_role("heading", level=1)).to_contain_text("You belong to")
        page.get_by_role("link", name="Members").click()
        expect(page.locator("td .number")).to_have_text("+33 6 12 34 56 78")
