"""What an account lacks is asked for once, and what it does not lack is not set without a fresh proof."""

from __future__ import annotations

import pytest

from tests.kit import House
from tests.pages.factors_kit import sign_up
from tests.pages.test_proof import stale

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what cannot differ between databases
PASSWORD = "four horses by the sea"


@pytest.mark.parametrize("typed", [{"new_password": PASSWORD}, {"username": "mallory"}])
def test_whoever_finds_a_session_open_adds_nothing_that_nobody_asked_for(house: House, typed: dict[str, str]) -> None:
    """A password would be a fresh proof, and a fresh proof would be the account."""
    browser = sign_up(house)
    stale(house)
    page = "password" if "new_password" in typed else "username"
    browser.open("/account").send(f"/complete/{page}", **typed)
    assert house.sql("SELECT 1 FROM accounts WHERE password_hash IS NOT NULL") == []
    assert house.sql("SELECT 1 FROM identifiers WHERE kind = 'username'") == []


def test_nor_one_that_waits_for_a_password(house: House) -> None:
    house.set(sign_up={"password": True})
    browser = sign_up(house)
    assert browser.path == "/complete/password"
    stale(house)
    browser.send(new_password=PASSWORD)
    assert (browser.path, house.sql("SELECT 1 FROM accounts WHERE password_hash IS NOT NULL")) == ("/account/prove", [])
    house.clock.forward(61)
    browser.send("/account/prove/send", place="0").type_code()
    assert browser.path == "/complete/password"
    assert browser.send(new_password=PASSWORD).path == "/account"


def test_a_page_of_what_is_not_missing_leads_on(house: House) -> None:
    browser = sign_up(house)
    for page in ("password", "username"):
        assert browser.open(f"/complete/{page}").path == "/complete"
