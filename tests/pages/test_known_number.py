"""Who signs up with what an account has already: in, where a code is a way in; sent to the ways that are, otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from rules.passwords import hash_password
from tests.kit import Browser, House
from tests.pages.factors_kit import sign_up

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what cannot differ between databases
PASSWORD = "four horses by the sea"
BY_PASSWORD = {"sign_in": {"phone": "password"}, "sign_up": {"password": True}}
BY_ADDRESS = {
    "sign_in": {"phone": "off", "email": "password"},
    "sign_up": {"identifier": "phone_and_email", "password": True},
}


def later(house: House) -> Browser:
    house.clock.forward(3600)
    return sign_up(house)


def test_a_number_signs_in_where_its_code_does(house: House) -> None:
    sign_up(house)
    assert later(house).path == "/account"
    assert house.count("accounts") == 1


@pytest.mark.parametrize("settings", [BY_PASSWORD, BY_ADDRESS], ids=["its password opens it", "its address does"])
def test_its_code_is_no_way_round_the_password(house: House, settings: dict[str, Any]) -> None:
    """Whoever has the number's SIM card has the code, and not the password."""
    sign_up(house)
    house.sql("DELETE FROM sessions")
    house.sql("UPDATE accounts SET password_hash = :hash", hash=hash_password(PASSWORD))
    house.sql(
        "INSERT INTO identifiers (kind, value, account_id, country, verified_at, is_primary) "
        "SELECT 'email', 'ann@example.com', id, '', 1, TRUE FROM accounts"
    )
    house.set(**settings)
    browser = later(house)
    assert browser.path == "/sign-up/code"
    assert browser.errors == [
        "There is an account with this already. Sign in to it, in one of the ways that are possible."
    ]
    assert 'href="/sign-in"' in browser.page.text
    assert house.count("sessions") == 0


def test_nobody_comes_back_by_signing_up_while_signing_in_is_off(house: House) -> None:
    sign_up(house)
    house.set(sign_in={"enabled": False})
    assert later(house).path == "/sign-up/code"
    assert house.count("sessions") == 1, "of before"


@pytest.mark.parametrize("settings", [BY_PASSWORD, BY_ADDRESS], ids=["no password yet", "no address yet"])
def test_who_did_not_come_to_an_end_goes_on_where_they_were(house: House, settings: dict[str, Any]) -> None:
    house.set(**settings)
    first = sign_up(house).path
    assert first in ("/complete/password", "/account/emails/add")
    assert later(house).path == first
    assert house.count("accounts") == 1
