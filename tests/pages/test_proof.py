"""Before anything sensitive a person shows once more who they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flows import passkeys
from rules import passwords
from tests.authenticator import PRESENT, VERIFIED, Authenticator
from tests.kit import Browser, House
from tests.pages.factors_kit import app_code, first_step, member

NUMBER = "06 12 34 56 78"
PASSWORD = "four horses by the sea"


def signed_in(house: House, phone: str = NUMBER) -> Browser:
    return house.browser().open("/sign-up").send(country="FR", phone=phone).type_code()


def stale(house: House) -> None:
    house.sql("UPDATE sessions SET proved_at = proved_at - 601")


def is_fresh(house: House) -> bool:
    return bool(house.sql("SELECT 1 FROM sessions WHERE proved_at > :then", then=house.clock() - 600))


def test_a_code_to_ones_own_number_is_a_fresh_proof(house: House) -> None:
    browser = signed_in(house)
    stale(house)
    browser.open("/account/prove")
    assert "Send a code to" in browser.text
    assert "612345678" not in browser.page.text
    browser.send("/account/prove/send", place="0")
    assert browser.path == "/account/prove/code"
    browser.type_code("000000")
    assert browser.status == 422
    assert not is_fresh(house)
    browser.type_code()
    assert browser.path == "/account"
    assert is_fresh(house)


def test_whose_proof_is_fresh_is_not_asked(house: House) -> None:
    assert signed_in(house).open("/account/prove").path == "/account"


@pytest.mark.parametrize("place", ["1", "-1", "x", "", "9" * 40])
def test_a_code_goes_to_ones_own_numbers_only(house: House, place: str) -> None:
    browser = signed_in(house)
    stale(house)
    before = house.count("messages")
    browser.open("/account/prove").send("/account/prove/send", place=place)
    assert browser.status == 409
    assert house.count("messages") == before


def test_a_proof_of_one_account_is_none_of_another(house: House) -> None:
    """The browser's ticket for the first account's number, typed in while signed in to the second."""
    browser = signed_in(house)
    stale(house)
    browser.open("/account/prove").send("/account/prove/send", place="0")
    code = house.newest_code()
    house.sql("UPDATE identifiers SET account_id = 'other' WHERE 1 = 0")
    house.sql("INSERT INTO accounts (id, created_at, locale) VALUES ('other', 0, 'en')")
    house.sql("UPDATE sessions SET owner_id = 'other'")
    browser.send("/account/prove/code", code=code)
    assert browser.status == 409
    assert not is_fresh(house)


def test_a_code_for_signing_in_is_no_proof(house: House) -> None:
    browser = signed_in(house)
    stale(house)
    house.clock.forward(61)
    house.browser().sign_in(NUMBER)
    signing_in = house.newest_code()
    house.clock.forward(61)
    browser.open("/account/prove").send("/account/prove/send", place="0")
    browser.send("/account/prove/code", code=signing_in)
    assert browser.status == 422
    assert not is_fresh(house)


def test_the_password_is_a_fresh_proof_and_its_tries_are_counted(sqlite_house: House) -> None:
    house = sqlite_house
    house.set(sign_up={"password": True})
    browser = signed_in(house)
    assert browser.path == "/complete/password"
    browser.send(new_password=PASSWORD)
    assert browser.path == "/account"
    stale(house)
    browser.open("/account/prove")
    for _ in range(5):
        browser.send("/account/prove/password", password="wrong")
        assert browser.status in (422, 429)
    browser.send("/account/prove/password", password=PASSWORD)
    assert not is_fresh(house), "the tries are over"


def test_who_is_right_each_time_never_runs_out_of_tries(sqlite_house: House) -> None:
    """The tries are the session's, and a session lasts for a month."""
    house = sqlite_house
    key, _codes = member(house)
    browser = first_step(house).send(code=app_code(house, key))
    house.sql("UPDATE accounts SET password_hash = :hash", hash=passwords.hash_password(PASSWORD))
    for _ in range(6):
        house.clock.forward(660)
        browser.open("/account/prove").send("/account/prove/password", password="wrong")
        assert browser.send("/account/prove/password", password=PASSWORD).path == "/account"
        house.clock.forward(660)
        browser.open("/account/prove").send("/account/prove/app", code=app_code(house, key))
        assert browser.path == "/account"


def test_a_password_that_was_wrong_too_often_is_not_called_a_code(sqlite_house: House) -> None:
    house = sqlite_house
    browser = signed_in(house)
    house.sql("UPDATE accounts SET password_hash = :hash", hash=passwords.hash_password(PASSWORD))
    house.set(sign_in={"phone": "password_or_code"}, codes={"failures_before_wait": 2})
    stale(house)
    door = house.browser().sign_in(NUMBER)
    for page, path in ((browser.open("/account/prove"), "/account/prove/password"), (door, "/sign-in/password")):
        for _ in range(3):
            page.send(path, password="wrong")
        assert page.status == 429
        assert page.errors[0].startswith("There were too many wrong passwords."), page.errors


# Passkeys


def asked(browser: Browser, page: str, path: str) -> dict[str, Any]:
    """The challenge that the page's script asks for."""
    reply = browser.client.post(path, data={"csrf_token": browser.open(page).field("csrf_token")})
    assert reply.json
    return dict(reply.json)


def with_passkey(house: House) -> tuple[Browser, Authenticator]:
    house.set(second_factors={"policy": "offered"}, sign_in={"passkey": True})
    browser, device = signed_in(house), Authenticator(passkeys.site(house.services).origin)
    options = asked(browser, "/mfa/enrol/new-passkey", "/mfa/enrol/new-passkey/ask")
    made = json.dumps(device.make(options["options"]))
    browser.send("/mfa/enrol/new-passkey", asked=options["asked"], credential=made, name="Key ring")
    assert house.count("factors") > 0
    stale(house)
    return browser, device


def show(browser: Browser, device: Authenticator, challenge: dict[str, Any]) -> Browser:
    answer = json.dumps(device.sign(challenge["options"]))
    return browser.open("/account/prove").send("/account/prove/passkey", asked=challenge["asked"], credential=answer)


def test_a_passkey_is_a_fresh_proof(sqlite_house: House) -> None:
    house = sqlite_house
    browser, device = with_passkey(house)
    browser.open("/account/prove")
    assert "With your passkey" in browser.text
    assert "This browser cannot use a passkey here. Use another way." in browser.text, "without its script"
    challenge = asked(browser, "/account/prove", "/account/prove/passkey/ask")
    assert challenge["options"]["userVerification"] == "required"
    assert len(challenge["options"]["allowCredentials"]) == 1
    assert show(browser, device, challenge).path == "/account"
    assert is_fresh(house)
    stale(house)
    assert show(browser, device, challenge).status == 409, "good once"


def test_not_without_a_finger_and_not_of_another_account(sqlite_house: House) -> None:
    house = sqlite_house
    browser, device = with_passkey(house)
    challenge = asked(browser, "/account/prove", "/account/prove/passkey/ask")
    device.flags = PRESENT
    assert show(browser, device, challenge).status == 422
    assert "That passkey did not work here" in browser.text
    device.flags = PRESENT | VERIFIED
    first_step = json.dumps(device.sign(challenge["options"]))
    house.sql("INSERT INTO accounts (id, created_at, locale) VALUES ('other', 0, 'en')")
    house.sql("UPDATE factors SET account_id = 'other'")
    browser.open("/account/prove").send("/account/prove/passkey", asked=challenge["asked"], credential=first_step)
    assert browser.status == 409, "it has none any more"
    house.sql(
        "INSERT INTO factors (id, account_id, kind, name, secret, counter, details, created_at) "
        "SELECT 'x', account_id, 'passkey', '', '', 0, '{}', 0 FROM identifiers"
    )
    browser.open("/account/prove").send("/account/prove/passkey", asked=challenge["asked"], credential=first_step)
    assert browser.status == 422
    assert not is_fresh(house)


def test_an_answer_for_signing_in_is_no_proof(sqlite_house: House) -> None:
    browser, device = with_passkey(sqlite_house)
    form = {"csrf_token": browser.open("/account/prove").field("csrf_token")}
    reply = browser.client.post("/sign-in/passkey/ask", data=form).json
    assert reply
    assert show(browser, device, reply).status == 422
    assert not is_fresh(sqlite_house)
