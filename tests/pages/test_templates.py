"""The texts of the messages in the console: what is typed is what arrives, and mistakes are told at their place."""

from __future__ import annotations

import json

import pytest

from tests.kit import House
from tests.pages.test_console import in_console

NUMBER = "06 12 34 56 78"


def test_a_text_that_was_saved_is_what_arrives(house: House) -> None:
    browser = in_console(house).open("/admin/templates")
    browser.send("/admin/templates?language=en", sign_in="{code} opens {application}", action="save")
    assert "opens" in browser.text
    house.browser().sign_in(NUMBER)
    house.deliver()
    assert house.texts()[0].endswith(" opens Doorcode")


def test_a_preview_measures_and_saves_nothing(house: House) -> None:
    browser = in_console(house).open("/admin/templates")
    text = "{code} \u2019 " + "a" * 80
    browser.send("/admin/templates?language=en", generic=text, action="preview")
    assert "482913 \u2019" in browser.text
    assert "Unicode · 2 segments" in browser.text
    assert "Not in the GSM alphabet" in browser.text
    assert house.services.settings().templates.texts == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [("Your code", "use {code}"), ("{code} {name}", "no variable {name}"), ("{code}" + "x" * 600, "at most 600")],
)
def test_a_mistake_is_told_beside_its_text(house: House, text: str, words: str) -> None:
    browser = in_console(house).open("/admin/templates")
    browser.send("/admin/templates?language=en", generic=text, action="save")
    assert browser.status == 422
    assert words in browser.text
    assert text in browser.page.get_data(as_text=True).replace("&#39;", "'")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ('{\n"en": {\n"sign_in": }}', "line 3"),
        ('{\n"en": {\n"generic": "{code}",\n"sign_in": "no code"}}', "Line 4: Say where it goes"),
        ('{\n"en": {},\n"xx-yy": {}}', "Line 3: Write a language"),
        ('{"en": {"sign_up": "{code}"}}', "Line 1: There is no usage type"),
        ("[]", "must be a JSON object"),
    ],
)
def test_mistakes_in_json_are_told_with_their_line(house: House, typed: str, words: str) -> None:
    browser = in_console(house).open("/admin/templates/json")
    browser.send("/admin/templates/json", texts=typed)
    assert browser.status == 422
    assert words in browser.text


def test_json_that_is_right_is_saved(house: House) -> None:
    browser = in_console(house).open("/admin/templates/json")
    browser.send("/admin/templates/json", texts=json.dumps({"fr": {"generic": "{code} pour {application}"}}))
    assert browser.status == 200
    assert house.services.settings().templates.text("generic", "fr") == "{code} pour {application}"
