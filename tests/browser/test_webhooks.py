"""The pages of webhooks as an admin has them: small, dark, right to left, with errors; and a way through them."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.console import first_visit
from tests.browser.looking import check_look
from tests.browser.test_browser import opened, press
from tests.kit import Server, wait_until
from tests.provider import Provider


def test_a_webhook_from_its_address_to_its_end(chromium: Browser, server: Server, provider: Provider) -> None:
    with opened(chromium) as page:
        first_visit(page, server)
        page.goto(server.url + "/admin/webhooks")
        check_look(page)
        page.locator("a[href='/admin/new-webhook']").click()
        page.fill("#url", "hooks")
        press(page, "Add it")
        expect(page.get_by_role("alert")).to_be_visible()
        check_look(page)
        page.fill(
            "#url", f"{provider.url}/hooks/with/an/address/that/is/longer/than/a/phone/is/wide?token=a1b2c3d4e5f6"
        )
        page.check("[value='phone.added']")
        press(page, "Add it")
        expect(page.get_by_role("status")).to_contain_text("whsec_")
        check_look(page)
        provider.answer(410, "x" * 500)
        press(page, "Send a test event")
        provider.wait_for(1)
        check_look(page)
        wait_until(lambda: page.reload() and "switched off" in page.content(), seconds=30)
        check_look(page)
        page.locator("td a").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("webhook.test")
        check_look(page)
        page.locator(".trail a").last.click()
        press(page, "Switch on")
        page.locator(".bad-link").click()
        check_look(page)
        press(page, "Delete")
        check_look(page)
