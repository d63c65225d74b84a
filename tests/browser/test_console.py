"""The console's pages as an admin has them: small, dark, by keyboard, without JavaScript; and their errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.console import (
    OWN_NUMBER,
    PASSPHRASE,
    TENCENT,
    VONAGE,
    VONAGE_TOOK,
    download,
    fill_tencent,
    first_visit,
    use,
)
from tests.browser.test_browser import opened, press
from tests.kit import Server
from tests.provider import Provider

WAYS = [pytest.param(True, id="javascript"), pytest.param(False, id="plain")]


@pytest.mark.parametrize("javascript", WAYS)
def test_one_stands_by_and_has_countries_of_its_own(
    chromium: Browser, server: Server, provider: Provider, javascript: bool
) -> None:
    with opened(chromium, java_script_enabled=javascript) as page:
        first_visit(page, server)
        use(page, server, provider)
        page.goto(server.url + "/admin/connectors/tencent")
        fill_tencent(page, provider)
        page.fill("#countries", "China")
        press(page, "Save and let it stand by")
        expect(page.locator("#countries-error")).to_contain_text("two capital letters, such as GB")
        fill_tencent(page, provider)
        page.fill("#countries", "cn tw")
        press(page, "Save and let it stand by")
        expect(page.locator("h1 .tag")).to_have_text(["Standing by", "For some countries"])
        expect(page.locator("#countries")).to_have_value("CN TW")
        expect(page.get_by_text("Connector that stands by:")).to_contain_text(TENCENT)
        page.goto(server.url + "/admin/connectors/vonage_sms/delete")
        expect(page.get_by_text(f"{TENCENT} stands by, and carries all messages from then on.")).to_be_visible()
        page.fill("#confirm", VONAGE)
        press(page, "Delete")
        expect(page.locator(".cards .active h2", has_text=TENCENT)).to_be_visible()


@pytest.mark.parametrize("javascript", WAYS)
def test_texts_are_previewed_before_they_are_saved(chromium: Browser, server: Server, javascript: bool) -> None:
    with opened(chromium, java_script_enabled=javascript) as page:
        first_visit(page, server)
        page.goto(server.url + "/admin/templates")
        page.fill("#sign_in", "Привет! {code}")
        press(page, "Preview")
        section = page.locator("section", has=page.locator("#sign_in"))
        expect(section.locator(".sms")).to_have_text("Привет! 482913")
        expect(section.locator("#sign_in-meter")).to_contain_text("14 characters · Unicode · 1 segment")
        press(page, "Save")
        page.goto(server.url + "/admin/templates/json")
        page.fill("#texts", '{"en": {\n "sign_in": "{code}",\n "register": "none"\n}}')
        press(page, "Save")
        expect(page.locator("#texts-error")).to_contain_text("Line 3:")
        page.fill("#texts", '{"en": {"sign_in": "{code}!"}}')
        press(page, "Save")
        page.goto(server.url + "/admin/templates")
        expect(page.locator("#sign_in")).to_have_value("{code}!")


@pytest.mark.parametrize("javascript", WAYS)
def test_settings_move_with_a_passphrase(
    chromium: Browser, server: Server, provider: Provider, tmp_path: Path, javascript: bool
) -> None:
    provider.answer(200, VONAGE_TOOK)
    with opened(chromium, java_script_enabled=javascript) as page:
        first_visit(page, server)
        use(page, server, provider)
        document = download(page, server)
        assert "aSecret0123456" not in document
        (tmp_path / "settings.json").write_text(document)
        page.goto(server.url + "/admin/connectors/vonage_sms/delete")
        page.fill("#confirm", VONAGE)
        press(page, "Delete")
        page.goto(server.url + "/admin/settings/transfer")
        page.set_input_files("#file", tmp_path / "settings.json")
        page.fill("#passphrase", PASSPHRASE)
        press(page, "Show what would change")
        expect(page.get_by_text("Connector in use:")).to_contain_text(VONAGE)
        press(page, "Switch to these settings")
        expect(page.locator("#tested-error")).to_contain_text("Send a test message first")
        page.fill("#test_to", OWN_NUMBER)
        press(page, "Send a test message")
        expect(page.get_by_text("The provider took the message.")).to_be_visible()
        press(page, "Switch to these settings")
        expect(page.get_by_text("Saved.")).to_be_visible()
        page.goto(server.url + "/admin/connectors/vonage_sms")
        expect(page.locator("h1 .tag")).to_have_text("In use")


def test_what_is_typed_and_not_saved_is_counted(chromium: Browser, server: Server) -> None:
    with opened(chromium) as page:
        first_visit(page, server)
        page.goto(server.url + "/admin/settings")
        line = page.locator("[data-unsaved]")
        expect(line).to_have_text("It takes effect at once.")
        page.fill("[name='codes.length']", "8")
        page.locator("[name='sign_up.enabled'][type=checkbox]").uncheck()
        page.select_option("[name='application.language']", "fr")
        expect(line).to_have_text("Changed, not saved yet: 3")
        page.fill("[name='codes.length']", "6")
        expect(line).to_have_text("Changed, not saved yet: 2")


PAGES = (
    "connectors",
    "connectors/tencent",
    "connectors/vonage_sms/delete",
    "templates",
    "templates/json",
    "settings",
    "settings/transfer",
    "settings/history",
    "users",
    "admins",
    "clients",
)
FOCUS = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const bar = document.querySelector(".save:has(.primary):has([data-unsaved])");
  const hidden = bar && !bar.contains(document.activeElement) && bar.getBoundingClientRect().top < box.top + 1;
  return [document.activeElement.id || document.activeElement.textContent.trim(), Boolean(hidden && box.height < 400)];
}"""
REACHABLE = "#main :is(a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0'])"


def test_the_keyboard_reaches_everything_and_nothing_hides_it(
    chromium: Browser, server: Server, provider: Provider
) -> None:
    with opened(chromium, viewport={"width": 320, "height": 640}) as page:
        first_visit(page, server)
        use(page, server, provider)
        for path in PAGES:
            page.goto(f"{server.url}/admin/{path}")
            expected = page.locator(REACHABLE).count()
            page.locator("#main").focus()
            covered = []
            for _ in range(expected):
                page.keyboard.press("Tab")
                name, hidden = page.evaluate(FOCUS)
                covered += [name] if hidden else []
            assert page.evaluate("e => document.activeElement === e", page.locator(REACHABLE).last.element_handle())
            assert covered == [], path
