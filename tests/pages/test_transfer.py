"""Settings move from one installation to another in the console: seen before, tried before, and only then in force."""

from __future__ import annotations

import json

import pytest

from tests.kit import Browser, House
from tests.pages.test_console import browser_value, in_console
from tests.provider import Provider

PASSPHRASE = "four horses by the sea"
PLACE = "/admin/settings/transfer"


def download(browser: Browser, **form: str) -> str:
    browser.open(PLACE)
    browser.send(f"{PLACE}/download", **form)
    assert browser.status == 200
    return browser.page.get_data(as_text=True)


def test_all_of_it_moves_with_its_secrets_sealed(house: House, provider: Provider) -> None:
    house.use_provider(provider.url, signing_secret="s3cret-one")
    house.set(codes={"length": 8}, templates={"en": {"generic": "{code}!"}})
    browser = in_console(house)
    text = download(browser, seal=PASSPHRASE)
    assert "s3cret-one" not in text
    house.set(codes={"length": 6}, templates={"en": {}}, connectors={"active": "", "configurations": {}})
    browser.open(PLACE).send(PLACE, document=text, passphrase=PASSPHRASE)
    assert "Digits: 6" in browser.text
    assert "is now 8" in browser.text
    assert "s3cret-one" not in browser.page.text
    closed = browser_value(browser, "closed")
    browser.send(f"{PLACE}/switch", closed=closed, action="switch")
    assert browser.status == 422
    assert "Send a test message first" in browser.text
    browser.send(f"{PLACE}/switch", closed=closed, action="test", test_to="+33612345678")
    assert "The provider took the message." in browser.text
    for _ in range(5):
        browser.send(f"{PLACE}/switch", closed=closed, action="test", test_to="+33612345678")
    assert (browser.status, "Retry-After" in browser.page.headers) == (429, True)
    assert house.services.settings().codes.length == 6
    browser.send(f"{PLACE}/switch", closed=closed, tested="on", action="switch")
    settings = house.services.settings()
    assert (settings.codes.length, settings.connectors.active) == (8, "http")
    assert settings.connectors.configurations["http"]["signing_secret"] == "s3cret-one"


def test_without_a_passphrase_secrets_stay_at_home(house: House, provider: Provider) -> None:
    house.use_provider(provider.url, signing_secret="s3cret-one")
    document = json.loads(download(in_console(house)))
    assert "signing_secret" not in document["connectors"]["configurations"]["http"]


def test_a_short_passphrase_is_refused(house: House) -> None:
    browser = in_console(house).open(PLACE).send(f"{PLACE}/download", seal="short")
    assert browser.status == 422
    assert "at least 12" in browser.text


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", "look at line 1"),
        ("[]", "must be a JSON object"),
        ('{"codes": {"length": 99}}', "Digits: Choose a number from 4 to 10."),
        ('{"sealed_with": "zz"}', "passphrase does not open"),
        ('{"sealed_with": "00", "connectors": {"configurations": {"http": {"url": "x", "headers": "AAAA"}}}}', "open"),
        ('{"connectors": []}', "must be a JSON object"),
        ('{"connectors": {"configurations": {"http": 7}}}', "must be a JSON object"),
    ],
)
def test_a_document_that_is_wrong_changes_nothing_and_says_why(house: House, document: str, words: str) -> None:
    browser = in_console(house).open(PLACE).send(PLACE, document=document, passphrase="x")
    assert browser.status == 422
    assert words in browser.text
    assert house.services.settings().codes.length == 6


@pytest.mark.parametrize("closed", ["", "{", "[]", "7", '{"connectors": {"configurations": {"http": {"url": 1}}}}'])
def test_a_forged_next_step_is_no_way_around(house: House, closed: str) -> None:
    before = house.count("settings_versions")
    browser = in_console(house).open(PLACE).send(f"{PLACE}/switch", closed=closed, tested="on", action="switch")
    assert browser.status == 422
    assert house.count("settings_versions") == before
