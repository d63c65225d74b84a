"""The username in the account centre: chosen, changed, taken away, and kept where it is the only way back."""

from __future__ import annotations

from tests.kit import Browser, House

NUMBER, OTHER = "06 12 34 56 78", "06 98 76 54 32"


def member(house: House, phone: str = NUMBER) -> Browser:
    house.set(sign_in={"username": "password"})
    browser = house.browser().open("/sign-up").send(country="FR", phone=phone).type_code()
    assert "Username" in browser.open("/account").text
    return browser.open("/account/username")


def names(house: House) -> list[str]:
    return [row.value for row in house.sql("SELECT value FROM identifiers WHERE kind = 'username'")]


def test_a_name_is_chosen_changed_and_taken_away(house: House) -> None:
    browser = member(house).send(username="Ann.Lee")
    assert "Your username is changed." in browser.text
    assert names(house) == ["ann.lee"]
    assert browser.send(username="ann-lee").field("username") == "ann-lee"
    browser.send(username="")
    assert names(house) == []
    assert "The username was changed" in browser.open("/account/events").text


def test_what_is_wrong_with_a_name_is_told_beside_it_and_kept(house: House) -> None:
    browser = member(house).send(username="a b")
    assert browser.status == 422
    assert browser.field("username") == "a b"
    assert names(house) == []


def test_a_name_that_is_taken_is_told(house: House) -> None:
    member(house).send(username="ann")
    browser = member(house, OTHER).send(username="ANN")
    assert browser.status == 422
    assert browser.field("username") == "ANN"
    assert names(house) == ["ann"]


def test_it_is_only_shown_or_not_at_all_where_the_admin_says_so(house: House) -> None:
    browser = member(house).send(username="ann")
    house.set(sign_in={"username": "password"}, account_centre={"username": "read"})
    assert "ann" in browser.open("/account/username").text
    browser.send(username="eve")
    assert names(house) == ["ann"]
    house.set(sign_in={"username": "password"}, account_centre={"username": "off"})
    assert browser.open("/account/username").status == 404
    assert "/account/username" not in browser.open("/account").page.text


def test_it_asks_for_a_fresh_proof(house: House) -> None:
    browser = member(house)
    house.clock.forward(601)
    assert browser.open("/account/username").path == "/account/prove"
