"""The pages of people speak French as well as English."""

from __future__ import annotations

import re

from babel.messages.pofile import read_po

from tests.kit import ROOT, House

TOOLS = ("pages/console/", "templates/console/", "settings/", "connectors/", "delivery/")  # what only admins read


def test_every_sentence_of_people_is_in_french_with_the_same_places() -> None:
    with (ROOT / "translations" / "fr" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    for message in catalogue:
        if not message.id or all(name.startswith(TOOLS) for name, _line in message.locations):
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(strings), message.id
        assert not message.fuzzy
        for string in strings:
            assert set(re.findall(r"%\(\w+\)[sd]", string)) == set(re.findall(r"%\(\w+\)[sd]", sources[-1]))


def test_a_french_browser_is_answered_in_french_and_can_change_it(sqlite_house: House) -> None:
    browser = sqlite_house.browser(**{"Accept-Language": "fr-FR,fr;q=0.9"}).sign_in("06 12 34 56 78")
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
