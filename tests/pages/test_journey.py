"""A person signs up, signs in, signs out: typed, sent, read and typed again."""

from __future__ import annotations

from tests.kit import House

NUMBER = "06 12 34 56 78"


def test_a_stranger_signs_in_and_makes_an_account(house: House) -> None:
    browser = house.browser().sign_in(NUMBER)
    assert browser.path == "/sign-in/code"
    assert "ending in 78" in browser.text
    browser.type_code()
    assert "No account yet. Create one?" in browser.text
    browser.send("/sign-in/create-account")
    assert browser.path == "/account"
    assert house.count("accounts") == 1


def test_a_person_signs_up_signs_out_and_signs_in(house: House) -> None:
    browser = house.browser().open("/sign-up").send(country="FR", phone=NUMBER)
    browser.type_code()
    assert browser.path == "/account"
    assert "+33" not in browser.text
    browser.send("/account")
    assert "+33 6 12 34 56 78" in browser.text
    browser.send("/sign-out")
    assert "You are signed out" in browser.text
    assert browser.open("/account").path == "/sign-in"
    browser.sign_in(NUMBER).type_code()
    assert browser.path == "/account"
    assert house.count("accounts") == 1


def test_a_known_number_at_sign_up_ends_signed_in(house: House) -> None:
    house.browser().open("/sign-up").send(country="FR", phone=NUMBER).type_code()
    house.clock.forward(60)
    other = house.browser().open("/sign-up").send(country="FR", phone=NUMBER).type_code()
    assert other.path == "/account"
    assert house.count("accounts") == 1
    assert house.count("sessions") == 2


def test_privacy_is_linked_where_a_number_is_asked_for(sqlite_house: House) -> None:
    sqlite_house.set(sign_up={"privacy_url": "https://example.com/privacy"})
    for place in ("/sign-up", "/sign-in", "/forgot-password"):
        assert '<a class="plain" href="https://example.com/privacy"' in sqlite_house.browser().open(place).page.text
