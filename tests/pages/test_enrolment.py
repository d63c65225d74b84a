"""Second factors of one's own account: added, named, removed, required."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import zxingcpp

from tests.kit import Browser, House
from tests.pages.factors_kit import NUMBER, add_app, app_code, codes_shown, first_step, member, sign_up


def signed_in(house: House, key: str) -> Browser:
    house.clock.forward(301)
    return first_step(house).send("/mfa/totp", code=app_code(house, key))


def factor_page(browser: Browser) -> Browser:
    found = re.search(r'href="(/account/security/factor\?id=[0-9a-f]+)"', browser.open("/account/security").page.text)
    assert found
    return browser.open(found[1])


def change(browser: Browser, **fields: str) -> Browser:
    """Send a form of a factor's page."""
    return browser.send("/account/security/factor", id=browser.field("id"), **fields)


def stale(house: House) -> None:
    house.sql("UPDATE sessions SET proved_at = proved_at - 601")


def test_the_page_shows_what_there_is_and_each_step_is_an_event(house: House) -> None:
    key, _codes = member(house, backup_codes=True)
    browser = signed_in(house, key).open("/account/security")
    assert "Authenticator app" in browser.text
    assert "10 codes are left" in browser.text
    assert "Last used" in browser.text
    change(factor_page(browser), name="My phone")
    assert "My phone" in browser.text
    change(factor_page(browser), action="remove")
    assert browser.path == "/account/security"
    assert house.count("factors") == 0, "the backup codes go with the last one"
    kinds = [row.kind for row in house.sql("SELECT kind FROM events ORDER BY id")]
    assert kinds == [
        *("signed_in", "factor_added", "backup_codes_made", "signed_in", "factor_renamed", "factor_removed"),
    ]
    assert "My phone" in browser.open("/account/events").text


@pytest.mark.parametrize("path", ["/mfa/enrol", "/mfa/enrol/new-passkey", "/account/security/factor?id=x"])
def test_a_fresh_proof_is_needed(house: House, path: str) -> None:
    key, _codes = member(house)
    browser = signed_in(house, key)
    stale(house)
    assert browser.open(path).path == "/account/prove"


def test_no_form_removes_or_adds_without_a_fresh_proof(house: House) -> None:
    key, _codes = member(house)
    browser = factor_page(signed_in(house, key))
    factor_id = browser.field("id")
    stale(house)
    before = house.sql("SELECT id FROM factors ORDER BY id")
    browser.send("/account/security/factor", id=factor_id, action="remove")
    assert browser.path == "/account/prove"
    browser.send("/mfa/enrol", kind="backup_code")
    assert browser.path == "/account/prove"
    assert house.sql("SELECT id FROM factors ORDER BY id") == before


def test_the_app_is_a_fresh_proof_too_once_a_code(house: House) -> None:
    key, _codes = member(house)
    browser = signed_in(house, key)
    stale(house)
    spent = app_code(house, key)
    browser.open("/account/prove").send("/account/prove/app", code=spent)
    assert browser.status == 422
    assert browser.open("/mfa/enrol").path == "/account/prove"
    browser.send("/account/prove/app", code=app_code(house, key, 1))
    assert browser.path == "/mfa/enrol"
    stale(house)
    house.set(second_factors={"totp": False})
    browser.open("/account/prove").send("/account/prove/app", code=app_code(house, key, 2))
    assert browser.status == 409


def test_nobody_touches_the_factor_of_another(house: House) -> None:
    key, _codes = member(house)
    factor_id = house.sql("SELECT id FROM factors WHERE kind = 'totp'")[0].id
    other = sign_up(house, "06 12 34 56 79").open("/account/security")
    other.send("/account/security/factor", id=factor_id, action="remove")
    other.open("/account/security").send("/account/security/factor", id=factor_id, name="mine")
    assert house.sql("SELECT name FROM factors WHERE kind = 'totp'")[0].name == ""
    assert key


def test_a_key_page_is_of_one_browser_and_one_account(house: House) -> None:
    house.set(second_factors={"policy": "offered"})
    browser = sign_up(house).open("/mfa/enrol").send(kind="totp")
    url = f"{browser.path}?ticket={browser.page.request.args['ticket']}"
    other = sign_up(house, "06 12 34 56 79").open(url)
    assert other.path == "/mfa/enrol"
    house.sql("UPDATE sessions SET owner_id = (SELECT max(owner_id) FROM sessions)")
    house.sql("UPDATE tickets SET account_id = 'somebody'")
    assert browser.open(url).path == "/mfa/enrol"


def test_the_key_is_sealed_and_its_page_is_the_same_when_it_is_loaded_again(house: House) -> None:
    house.set(second_factors={"policy": "offered"})
    browser = sign_up(house).open("/mfa/enrol").send(kind="totp")
    url = f"{browser.path}?ticket={browser.page.request.args['ticket']}"
    key = re.search(r'class="key">([A-Z2-7]+)<', browser.page.text)
    assert key
    assert key[1] in browser.open(url).page.text
    browser.send(code="123")
    assert browser.status == 422
    assert key[1] in browser.page.text
    browser.send(code=app_code(house, key[1]))
    assert browser.path == "/mfa/enrol/backup-codes"
    assert key[1] not in json.dumps([list(row) for row in house.sql("SELECT * FROM factors")])
    assert browser.open(url).path == "/mfa/enrol", "good once"


def test_two_apps_are_the_most(house: House) -> None:
    house.set(second_factors={"policy": "offered"})
    browser = sign_up(house)
    keys = [add_app(house, browser) for _ in range(2)]
    assert len(set(keys)) == 2
    browser.open("/mfa/enrol")
    assert 'value="totp"' not in browser.page.text
    assert browser.send(kind="totp").status == 409
    house.clock.forward(3600)
    assert signed_in(house, keys[1]).path == "/account"


# Required.


def required(house: House) -> Browser:
    house.set(second_factors={"policy": "required"})
    return sign_up(house)


def test_where_it_is_required_it_is_asked_for_at_once(house: House) -> None:
    browser = required(house)
    assert browser.path == "/mfa/enrol"
    assert browser.open("/account").path == "/mfa/enrol"
    add_app(house, browser)
    assert browser.path == "/mfa/enrol/backup-codes"
    assert len(codes_shown(browser)) == 10
    browser.send("/mfa/enrol/backup-codes")
    assert browser.path == "/account"


def test_who_waits_too_long_at_it_shows_once_more_who_they_are(house: House) -> None:
    browser = required(house)
    stale(house)
    house.clock.forward(1800)
    assert browser.open("/complete").path == "/account/prove"
    browser.send("/account/prove/send", place="0").type_code()
    assert browser.path == "/mfa/enrol"


def test_whatever_the_account_centre_allows(house: House) -> None:
    house.set(account_centre={"factors": "off"})
    browser = required(house)
    add_app(house, browser)
    browser.send("/mfa/enrol/backup-codes")
    assert browser.path == "/account"
    assert browser.open("/account/security").status == 404
    assert browser.open("/mfa/enrol").send(kind="totp").status == 403


def test_the_last_factor_stays_where_one_is_required(house: House) -> None:
    browser = required(house)
    key = add_app(house, browser)
    browser.send("/mfa/enrol/backup-codes")
    change(factor_page(browser), action="remove")
    assert browser.status == 409
    assert "has to stay" in browser.errors[0]
    assert house.sql("SELECT count(*) FROM factors WHERE kind = 'totp'")[0][0] == 1
    add_app(house, browser)
    change(factor_page(browser), action="remove")
    assert browser.path == "/account/security"
    assert key


def test_a_policy_that_comes_later_asks_who_is_on_the_way(house: House) -> None:
    """Settings change between the two steps: whoever has no factor sets one up, and nobody is locked out."""
    browser = house.browser().sign_in(NUMBER)
    house.set(second_factors={"policy": "required"})
    browser.type_code().send("/sign-in/create-account")
    assert browser.path == "/mfa/enrol"


# The picture.


def scanned(page: str) -> str:
    """What a reader of its own makes of the picture: its dark squares, drawn four pixels wide."""
    svg = re.search(r'<svg width="(\d+)".*?scale\((\d+)\).*?class="qrline"[^>]* d="([^"]+)"', page, re.S)
    assert svg
    side, scale = int(svg[1]), int(svg[2])
    pixels = bytearray(b"\xff" * side * side)
    x = y = 0
    for command, text in re.findall(r"([Mmh])([-0-9. ]+)", svg[3]):
        numbers = [int(float(number)) for number in text.split()]
        if command != "h":
            x, y = (numbers[0], numbers[1]) if command == "M" else (x + numbers[0], y + numbers[1])
            continue
        for row in range(y * scale, (y + 1) * scale):
            pixels[row * side + x * scale : row * side + (x + numbers[0]) * scale] = bytes(numbers[0] * scale)
        x += numbers[0]
    (found,) = zxingcpp.read_barcodes(memoryview(pixels).cast("B", (side, side)))
    return str(found.text)


def test_the_picture_says_what_the_page_says(house: House) -> None:
    house.set(second_factors={"policy": "offered"}, application={"name": "Café & Co"})
    browser = sign_up(house).open("/mfa/enrol").send(kind="totp")
    key = re.search(r'class="key">([A-Z2-7]+)<', browser.page.text)
    assert key
    uri = urlsplit(scanned(browser.page.text))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert parse_qs(uri.query) == {"secret": [key[1]], "issuer": ["Café & Co"]}
    assert unquote(uri.path).startswith("/Café & Co:")
    assert "612345678" not in uri.path
