"""An admin sets a provider up, changes to another one, deletes it and goes back, while people sign in."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.console import (
    OWN_NUMBER,
    TENCENT,
    TENCENT_TOOK,
    VONAGE,
    VONAGE_TOOK,
    VONAGE_WRONG_KEY,
    fill_tencent,
    fill_vonage,
    first_visit,
)
from tests.browser.test_browser import opened, press, start
from tests.kit import Server
from tests.provider import Provider

CLOSED = "We cannot send codes at the moment. Please come back later."


def code_by_vonage(provider: Provider) -> str:
    found = re.search(r"\d{6}", parse_qs(provider.requests[-1].body.decode())["text"][0])
    assert found
    return found.group()


def code_by_tencent(provider: Provider) -> str:
    return str(json.loads(provider.requests[-1].body)["TemplateParamSet"][0])


def ask(page: Page, server: Server, provider: Provider, number: str) -> None:
    """A code for this number, which the provider has been given when this returns."""
    before = len(provider.requests)
    start(page, server, number=number)
    provider.wait_for(before + 1)


def enter(page: Page, code: str) -> None:
    page.fill("#code", code)
    press(page, "Continue")
    press(page, "Create an account")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def set_vonage_up(admin: Page, vonage: Provider) -> None:
    """Found by its name, read about, tried with a wrong key and with the right one, and only then saved."""
    admin.fill("#q", "vonage sms")
    press(admin, "Search")
    admin.get_by_role("link", name=VONAGE).click()
    guide, form = admin.locator("#guide").bounding_box(), admin.locator("#key_id").bounding_box()
    assert guide
    assert form
    assert guide["x"] > form["x"] + form["width"]
    for answer, words in (
        (VONAGE_WRONG_KEY, "Copy the account's id and its key or token again from the provider's console."),
        (VONAGE_TOOK, "The provider took the message."),
    ):
        vonage.answer(200, answer)
        fill_vonage(admin, vonage)
        admin.fill("#test_to", OWN_NUMBER)
        press(admin, "Send a test message")
        expect(admin.get_by_text(words)).to_be_visible()
        expect(admin.get_by_text("Before you save, type again: API secret.")).to_be_visible()
        assert parse_qs(vonage.requests[-1].body.decode())["to"] == ["33612345600"]
    expect(admin.locator("h1 .tag")).to_have_count(0)
    fill_vonage(admin, vonage)
    press(admin, "Save and use")
    expect(admin.locator("h1 .tag")).to_have_text("In use")


def change_to_tencent(admin: Page, server: Server, tencent: Provider) -> None:
    admin.goto(server.url + "/admin/connectors/tencent")
    fill_tencent(admin, tencent, '[{"id": "449740",\n "parameters": ["code" "minutes"]}]')
    press(admin, "Save and use")
    expect(admin.locator("#templates-error")).to_have_text("This is not JSON: look at line 2, character 24.")
    expect(admin.locator("#confirm-error")).to_have_text(f"Type {VONAGE} to replace it.")
    fill_tencent(admin, tencent)
    admin.fill("#confirm", "vonage sms")
    press(admin, "Save and use")
    expect(admin.locator("h1 .tag")).to_have_text("In use")


def delete_tencent(admin: Page, accounts: int) -> None:
    admin.get_by_role("link", name=f"Delete {TENCENT}").click()
    expect(admin.get_by_text(f"Signing in by a text message stops: {accounts} accounts")).to_be_visible()
    expect(admin.get_by_text("Nobody can sign up.")).to_be_visible()
    admin.fill("#confirm", "Tencent")
    press(admin, "Delete")
    expect(admin.locator("#confirm-error")).to_have_text(f"Type {TENCENT} to delete it.")
    admin.fill("#confirm", TENCENT)
    press(admin, "Delete")
    expect(admin.get_by_text("No connector is in use: no code can be sent.")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_providers_are_set_up_changed_deleted_and_brought_back(
    chromium: Browser, server: Server, provider: Provider, javascript: bool
) -> None:
    look = {"java_script_enabled": javascript, "viewport": {"width": 1280, "height": 800}}
    with Provider() as tencent, opened(chromium, **look) as admin:
        tencent.answer(200, TENCENT_TOOK)
        first_visit(admin, server)
        set_vonage_up(admin, provider)
        with opened(chromium, **look) as person, opened(chromium, **look) as waiting:
            ask(person, server, provider, "06 12 34 56 01")
            enter(person, code_by_vonage(provider))
            ask(waiting, server, provider, "06 12 34 56 02")
            change_to_tencent(admin, server, tencent)
            enter(waiting, code_by_vonage(provider))
        with opened(chromium, **look) as person, opened(chromium, **look) as half_way:
            ask(person, server, tencent, "06 12 34 56 03")
            enter(person, code_by_tencent(tencent))
            ask(half_way, server, tencent, "06 12 34 56 04")
            delete_tencent(admin, accounts=3)
            check_closed(half_way, person, server)
            enter(half_way, code_by_tencent(tencent))
        admin.goto(server.url + "/admin/settings/history")
        with admin.expect_navigation():
            admin.get_by_role("button", name="Go back to version").first.click()
        expect(admin.get_by_text("Saved.")).to_contain_text("at work now")
        with opened(chromium, **look) as person:
            ask(person, server, tencent, "06 12 34 56 05")
            enter(person, code_by_tencent(tencent))


def check_closed(half_way: Page, signed_in: Page, server: Server) -> None:
    """Nobody meets an error page: neither on the code page, nor signed in, nor at the door."""
    press(half_way, "Send another code")
    expect(half_way.get_by_role("heading", name="Enter your code")).to_be_visible()
    expect(half_way.locator("#code-error")).to_have_text(CLOSED)
    signed_in.goto(server.url + "/account")
    expect(signed_in.get_by_role("heading", name="Your account")).to_be_visible()
    signed_in.context.clear_cookies()
    for path in ("/sign-in", "/sign-up"):
        signed_in.goto(server.url + path)
        expect(signed_in.get_by_text(CLOSED)).to_be_visible()
        expect(signed_in.locator("#phone")).to_have_count(0)
