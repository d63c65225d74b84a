"""Every page speaks French as well as English, those of the console too."""

from __future__ import annotations

import html
import re

import pytest
from babel.messages.pofile import read_po

from connectors.registry import connectors
from flows import admin_setup
from tests.kit import ADMIN, ROOT, Browser, House
from tests.pages.test_console import in_console, in_console_again

FRENCH = {"Accept-Language": "fr-FR,fr;q=0.9"}
PLACE = re.compile(r"%\(\w+\)[sd]|\{[\w.]+\}")
ROOMS = (
    "connectors",
    "connectors/http",
    "connectors/twilio",
    "settings",
    "settings/history",
    "messages",
    "messages/figures",
    "audit",
)
# What is the same in both languages and no sentence of the catalogue.
NAMES = {"Doorcode", "Twilio", "English", "Français", "POST", "PUT", "PATCH", "GET", "Version 1", "test", ADMIN}
NAMES |= {connector.title for connector in connectors().values()}

with (ROOT / "translations" / "fr" / "LC_MESSAGES" / "messages.po").open("rb") as file:
    CATALOGUE = read_po(file, locale="fr")
MESSAGES = [message for message in CATALOGUE if message.id]
SAME = {message.id for message in MESSAGES if message.id == message.string}


def each(words: str | tuple[str, ...]) -> tuple[str, ...]:
    """A sentence's forms: one, or the singular and the plural."""
    return words if isinstance(words, tuple) else (words,)


def test_every_sentence_is_in_french_with_the_same_places() -> None:
    assert len(MESSAGES) > 300
    for message in MESSAGES:
        assert all(each(message.string)), message.id
        assert not message.fuzzy, message.id
        for french in each(message.string):
            assert set(PLACE.findall(french)) == set(PLACE.findall(each(message.id)[-1])), message.id


def test_french_is_set_as_the_french_do() -> None:
    for message in MESSAGES:
        for french in each(message.string):
            assert "'" not in french
            assert not re.search(" [:;?!»]|« ", french), french


def words_of(page: str) -> set[str]:
    """What a page says in its title, headings, labels, helps, buttons and links, and to who does not see it."""
    body = re.sub(r'<details class="guide".*?</details>', " ", page, flags=re.S)  # English, and marked so
    body = re.sub(r"<(bdi|td|textarea|time|script)\b.*?</\1>", " ", body, flags=re.S)
    body = re.sub(r'<select id="(country|connector)".*?</select>', " ", body, flags=re.S)  # names
    found = re.findall(r">([^<>]+)<", body) + re.findall(r'(?:aria-label|placeholder)="([^"]+)"', body)
    said = {html.unescape(words).removesuffix(" – Doorcode").strip(" ·\n") for words in found}
    return {words for words in said if re.search(r"[^\W\d_]", words)}


def in_french(house: House, path: str) -> Browser:
    """An admin's French browser, in the console."""
    browser = in_console_again(house)
    browser.headers = FRENCH
    return browser.open(path)


def assert_french(english: Browser, french: Browser) -> None:
    assert english.path == french.path
    assert 'lang="fr"' in french.page.text
    words = words_of(french.page.text)
    assert len(words) > 5
    assert words & words_of(english.page.text) <= SAME | NAMES
    assert not words & {message.id for message in MESSAGES} - SAME


@pytest.mark.parametrize("room", ROOMS)
def test_the_console_speaks_french(sqlite_house: House, room: str) -> None:
    in_console(sqlite_house)
    path = f"/admin/{room}"
    assert_french(in_console_again(sqlite_house).open(path), in_french(sqlite_house, path))


def test_the_way_into_the_console_speaks_french(sqlite_house: House) -> None:
    link = f"/admin/setup?key={admin_setup.make_link(sqlite_house.services)}"
    for path in (link, "/admin/setup?key=used", "/admin/sign-in", "/dev/messages"):
        assert_french(sqlite_house.browser().open(path), sqlite_house.browser(**FRENCH).open(path))


def test_adding_an_authenticator_is_in_french(sqlite_house: House) -> None:
    in_console(sqlite_house)
    french = in_french(sqlite_house, "/admin/totp-setup")
    assert_french(in_console_again(sqlite_house).open("/admin/totp-setup"), french)
    french.send(code="000000")
    assert french.errors == [
        "Ce code n’est pas le bon. Saisissez celui que votre application d’authentification affiche maintenant."
    ]


def test_a_refused_and_a_saved_setting_are_told_in_french(sqlite_house: House) -> None:
    in_console(sqlite_house)
    french = in_french(sqlite_house, "/admin/settings")
    french.send(**{"codes.length": "11"})
    assert french.errors == ["Choisissez un nombre de 4 à 10."]
    assert "Chiffres : Choisissez un nombre" in french.text
    french.send(**{"codes.length": "8"})
    assert "Chiffres : 6" in french.text
    assert "Digits" not in french.text
    french.open("/admin/settings/history")
    assert "Chiffres\u00a0: <del>6</del>" in french.page.text


def test_a_test_that_reaches_nobody_is_explained_in_french(sqlite_house: House) -> None:
    in_console(sqlite_house)
    french = in_french(sqlite_house, "/admin/connectors/http")
    body = '{"to": "{to}", "text": "{text}"}'
    typed = {"method": "POST", "body_kind": "json", "body": body, "test_to": "+33612345678", "action": "test"}
    french.send(url="http://127.0.0.1:1/", **typed)
    assert "Le fournisseur n’a pas pu être joint. (Connection refused)" in french.text
    assert "Incident passager" in french.text
    french.send(url="http://127.0.0.1:1/", **typed | {"body": '{"to": "{to}", "text": "{txt}"}'})
    assert french.errors == ["Dites où va le message et ce qu’il dit\u00a0: utilisez {to} et {text}."]


def test_a_french_browser_is_answered_in_french_and_can_change_it(sqlite_house: House) -> None:
    browser = sqlite_house.browser(**FRENCH).sign_in("06 12 34 56 78")
    assert 'lang="fr"' in browser.page.text
    assert "Saisissez votre code" in browser.text
    sqlite_house.deliver()
    assert "Ne le donnez pas" in sqlite_house.texts()[0]
    browser.send("/language", language="en", next=browser.path)
    assert "Enter your code" in browser.text


def test_the_language_button_leads_nowhere_else(sqlite_house: House) -> None:
    for target in ("https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:x"):
        browser = sqlite_house.browser().open("/sign-in")
        form = {"csrf_token": browser.field("csrf_token"), "language": "fr", "next": target}
        assert browser.client.post("/language", data=form).location == "/"
