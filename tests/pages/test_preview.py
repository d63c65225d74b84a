"""The console shows the first pages as unsaved settings would make them, and saves nothing."""

from __future__ import annotations

import html
import re

from tests.kit import Browser, House
from tests.pages.test_console import in_console


def frames(browser: Browser) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'srcdoc="([^"]*)"', browser.page.text)]


def test_unsaved_settings_are_seen_at_phone_size(house: House) -> None:
    browser = in_console(house).open("/admin/settings")
    before = house.count("settings_versions")
    name, email = {"application.name": "Blue & <Green>"}, {"sign_in.email": "code"}
    browser.send(**name, **email, action="preview")
    assert browser.status == 200
    sign_in, sign_up = frames(browser)
    assert "Blue &amp; &lt;Green&gt;" in sign_in
    assert "Phone number or e-mail address" in sign_in
    assert "Create your account" in sign_up
    assert house.count("settings_versions") == before
    assert house.services.settings().application.name == "Doorcode"
    assert "Blue" not in house.browser().open("/sign-in").text
    assert browser.field("application.name") == "Blue & <Green>", "what was typed is kept"


def test_a_second_factor_that_is_offered_is_seen_as_whoever_signs_in_sees_it(sqlite_house: House) -> None:
    browser = in_console(sqlite_house).open("/admin/settings")
    offered = {"second_factors.policy": "offered", "second_factors.passkey": "false"}
    browser.send(**offered, action="preview")
    shown = frames(browser)[2:]
    assert len(shown) == 1
    assert "Make your account safer" in shown[0]
    assert "Authenticator app" in shown[0]
    assert "Passkey" not in shown[0]
    for more in ({"second_factors.policy": "required"}, offered | {"second_factors.offer_days": "0"}):
        assert len(frames(browser.send(**more, action="preview"))) == 2, "nobody is asked"
    assert sqlite_house.services.settings().second_factors.policy == "off"


def test_settings_that_cannot_work_are_told_in_place_of_a_preview(house: House) -> None:
    browser = in_console(house).open("/admin/settings").send(**{"sign_in.phone": "off"}, action="preview")
    assert browser.status == 422
    assert "Nobody could sign in" in browser.text
    assert frames(browser) == []
