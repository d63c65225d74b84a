"""The console's pages as an admin has them: small, dark, by keyboard, without JavaScript; and their errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.console import (
    OWN_NUMBER,
    PASSPHRASE,
    TENCENT,
    VONAGE,
    VONAGE_TOOK,
    VONAGE_WRONG_KEY,
    download,
    fill_tencent,
    fill_vonage,
    first_visit,
    preview,
    use,
)
from tests.browser.test_browser import LOOKS, check_look, opened, press
from tests.kit import Server
from tests.provider import Provider

DARK = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"}
WAYS = [pytest.param(True, id="javascript"), pytest.param(False, id="plain")]


@pytest.mark.parametrize("look", [*LOOKS, DARK])
def test_every_page_of_the_console_looks_right(
    chromium: Browser, server: Server, provider: Provider, look: dict[str, Any]
) -> None:
    with opened(chromium, **look) as page:
        first_visit(page, server)
        look_at_connectors(page, server, provider)
        look_at_texts(page, server)
        look_at_settings(page, server)
        for path in ("users", "admins"):
            page.goto(f"{server.url}/admin/{path}")
            check_look(page)


def look_at_connectors(page: Page, server: Server, provider: Provider) -> None:
    for path in ("", "?q=vonage", "?q=zzz", "/vonage_sms"):
        page.goto(server.url + "/admin/connectors" + path)
        check_look(page)
    fill_vonage(page, provider)
    page.fill("#test_to", OWN_NUMBER)
    for answer in (VONAGE_WRONG_KEY, VONAGE_TOOK):
        provider.answer(200, answer)
        press(page, "Send a test message")
        check_look(page)
        fill_vonage(page, provider)
    press(page, "Save and use")
    check_look(page)
    page.goto(server.url + "/admin/connectors/tencent")
    check_look(page)
    press(page, "Save and use")
    check_look(page)
    page.goto(server.url + "/admin/connectors/vonage_sms/delete")
    check_look(page)
    press(page, "Delete")
    check_look(page)


def look_at_texts(page: Page, server: Server) -> None:
    for path, box in (("", "#generic"), ("/json", "#texts")):
        page.goto(server.url + "/admin/templates" + path)
        check_look(page)
        page.fill(box, "{nothing} " + "Ж" * 300)
        if not path:
            press(page, "Preview")
            check_look(page)
        press(page, "Save")
        check_look(page)


def look_at_settings(page: Page, server: Server) -> None:
    page.goto(server.url + "/admin/settings")
    check_look(page)
    page.fill("[name='codes.length']", "99")
    press(page, "Save")
    check_look(page)
    page.fill("[name='codes.length']", "8")
    press(page, "Save")
    check_look(page)
    page.goto(server.url + "/admin/settings/history")
    check_look(page)
    page.goto(server.url + "/admin/settings/transfer")
    check_look(page)
    page.fill("#seal", "short")
    press(page, "Download")
    check_look(page)
    page.fill("#document", "{")
    press(page, "Show what would change")
    check_look(page)
    preview(page, server, download(page, server).replace('"length": 8', '"length": 6'))
    check_look(page)
    for button in ("Switch to these settings", "Send a test message"):
        press(page, button)
        expect(page.get_by_role("alert")).to_be_visible()
        check_look(page)
    page.fill("#test_to", OWN_NUMBER)
    press(page, "Send a test message")
    check_look(page)


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
        expect(page.locator(".cards .active h2").first).to_contain_text(TENCENT)


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


PAGES = ("connectors", "connectors/tencent", "connectors/vonage_sms/delete", "templates", "templates/json", "settings")
FOCUS = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const bar = document.querySelector(".save:has(.primary):has([data-unsaved])");
  const hidden = bar && !bar.contains(document.activeElement) && bar.getBoundingClientRect().top < box.top + 1;
  return [document.activeElement.id || document.activeElement.textContent.trim(), Boolean(hidden && box.height < 400)];
}"""
REACHABLE = "#main :is(a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0'])"


@pytest.mark.parametrize("path", [*PAGES, "settings/transfer", "settings/history"])
def test_the_keyboard_reaches_everything_and_nothing_hides_it(
    chromium: Browser, server: Server, provider: Provider, path: str
) -> None:
    with opened(chromium, viewport={"width": 320, "height": 640}) as page:
        first_visit(page, server)
        use(page, server, provider)
        page.goto(f"{server.url}/admin/{path}")
        expected = page.locator(REACHABLE).count()
        page.locator("#main").focus()
        covered = []
        for _ in range(expected):
            page.keyboard.press("Tab")
            name, hidden = page.evaluate(FOCUS)
            covered += [name] if hidden else []
        assert page.evaluate("e => document.activeElement === e", page.locator(REACHABLE).last.element_handle())
        assert covered == []
