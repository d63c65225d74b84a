"""The code page tells what the provider reports, while it is open."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.console import TENCENT_TOOK, first_visit, use
from tests.browser.test_browser import opened, start
from tests.kit import House, Server, wait_for
from tests.provider import Provider

DELIVERED = {"report_status": "SUCCESS", "errmsg": "DELIVRD", "sid": "5000:1"}
FAILED = {"report_status": "FAIL", "errmsg": "MK:0001", "description": "no such user", "sid": "5000:1"}
WORDS = "Your operator did not deliver it. Check the number, or ask for another code."


@pytest.mark.parametrize(
    ("report", "words"), [(DELIVERED, "Delivered to the phone with the number ending in 78."), (FAILED, WORDS)]
)
def test_a_receipt_is_told_to_whoever_waits(
    chromium: Browser,
    server: Server,
    sqlite_house: House,
    provider: Provider,
    report: dict[str, str],
    words: str,
) -> None:
    provider.answer(200, TENCENT_TOOK)
    with opened(chromium) as admin, opened(chromium) as person:
        first_visit(admin, server)
        use(admin, server, provider, "tencent")
        address = admin.locator("#receipts").input_value()
        person.clock.install()
        start(person, server)
        told = person.locator("[data-status-url]")
        wait_for(sqlite_house, "accepted")
        person.clock.run_for(2000)
        expect(told).to_have_text("Code sent to the number ending in 78.")
        reply = admin.request.post(address, data=json.dumps([report]))
        assert reply.ok, reply.text()
        person.clock.run_for(5000)
        expect(told).to_have_text(words)
        expect(person.locator("#code")).to_be_focused()
