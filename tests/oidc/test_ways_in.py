"""An application that allows only some ways to sign in: its pages offer those, and only those open it."""

from __future__ import annotations

import pytest

from flows import clients
from flows.outcomes import Refused
from settings.clients import ClientKind
from tests.kit import House
from tests.oidc.kit import CALLBACK, NUMBER, Shop, add_shop, answer, signed_in

BOTH = {"phone": "code_or_password", "email": "password_or_code"}
EMAIL = "ann@example.com"


def open_house(house: House) -> None:
    house.set(sign_in=BOTH, sign_up={"identifier": "phone_or_email"})


def waiting_at(browser: object, shop: Shop) -> str:
    return str(browser.client.get(shop.url(prompt=None)).location)  # type: ignore[attr-defined]


def test_the_pages_offer_only_its_ways(sqlite_house: House) -> None:
    open_house(sqlite_house)
    shop = add_shop(sqlite_house, methods=["email_code"])
    browser = sqlite_house.browser().open(shop.url())
    assert "E-mail address" in browser.text
    assert "Phone number" not in browser.text
    browser.send(browser.page.request.full_path, email=EMAIL)
    assert browser.path == "/sign-in/code", browser.text
    assert "Use your password instead" not in browser.text
    assert "Phone number or e-mail address" in sqlite_house.browser().open("/sign-in").text


def test_a_session_that_came_another_way_is_not_enough_and_silence_says_so(house: House) -> None:
    open_house(house)
    shop = add_shop(house, methods=["email_code"])
    browser = signed_in(house, NUMBER)
    assert "/sign-in?" in browser.client.get(shop.url()).location
    assert answer(browser.client.get(shop.url(prompt="none")))["error"] == "login_required"
    assert "code" in answer(browser.client.get(add_shop(house, methods=["phone_code"]).url()))


def test_whoever_leaves_the_request_out_of_an_address_gains_nothing(house: House) -> None:
    """The way in is checked again where the code would be given."""
    open_house(house)
    shop = add_shop(house, methods=["email_code"])
    browser = house.browser()
    came = browser.client.get(shop.url()).location
    browser.open("/sign-up").send(country="FR", phone=NUMBER)
    browser.type_code()
    assert browser.path == "/account"
    back = browser.client.get(came.replace("/sign-in?", "/oauth/authorize?"))
    assert "/sign-in?" in back.location
    browser.open(came)
    assert "E-mail address" in browser.text, "and the page asks for the right one"


@pytest.mark.parametrize("step", ["/sign-in", "/sign-up"])
def test_the_form_of_another_way_is_refused(sqlite_house: House, step: str) -> None:
    open_house(sqlite_house)
    shop = add_shop(sqlite_house, methods=["email_code"])
    browser = sqlite_house.browser()
    request_id = browser.client.get(shop.url()).location.partition("request_id=")[2]
    browser.open(f"{step}?request_id={request_id}")
    browser.send(f"{step}?request_id={request_id}", country="FR", phone=NUMBER)
    assert browser.path == step
    assert sqlite_house.count("messages") == 0


def test_where_none_of_its_ways_is_on_the_page_says_so_with_a_way_back(sqlite_house: House) -> None:
    open_house(sqlite_house)
    shop = add_shop(sqlite_house, methods=["email_code"])
    sqlite_house.set(sign_in={"phone": "code", "email": "off"}, sign_up={"identifier": "phone"})
    browser = sqlite_house.browser().open(shop.url())
    assert browser.status == 403
    assert "Back to The Shop" in browser.text
    refused = clients.create(
        sqlite_house.services,
        "test",
        ClientKind.WEB,
        {"name": "x", "redirect_uris": [CALLBACK], "methods": ["email_code"]},
    )
    assert isinstance(refused, Refused)
    assert "switched on" in str(refused.values["methods"])
