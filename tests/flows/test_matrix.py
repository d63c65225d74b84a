"""A code, a proof or a ticket of one purpose is worth nothing in another, nor in another browser or account.

One person waits, in one browser, at every page of the house that takes a code, all to the same number or address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.kit import Browser, House

NUMBER, ADDRESS = "06 12 34 56 78", "ann@example.com"
PASSWORD = "four horses by the sea"


@dataclass
class Waiting:
    """A place at which a code is awaited."""

    path: str
    ticket: str
    code: str


def begin_sign_in(browser: Browser) -> None:
    browser.open("/language").send("/sign-in", phone=NUMBER, country="FR")


def begin_sign_up(browser: Browser) -> None:
    browser.send("/sign-up", phone=NUMBER, country="FR")


def begin_forgotten(browser: Browser) -> None:
    browser.open("/forgot-password").send(phone=NUMBER, country="FR")


def begin_proof(browser: Browser) -> None:
    browser.send("/account/prove/send", place="1")


def begin_phone(browser: Browser) -> None:
    browser.send("/account/phones", place=browser.contact(0), action="prove")


def begin_email(browser: Browser) -> None:
    browser.send("/account/emails", place=browser.contact(0, "emails"), action="prove")


def begin_second_by_sms(browser: Browser) -> None:
    browser.send("/sign-in", phone=ADDRESS, country="FR").type_code()
    assert browser.path == "/mfa/sms", browser.path
    browser.send(place="0")


def begin_second_by_email(browser: Browser) -> None:
    browser.send("/sign-in", phone=NUMBER, country="FR").type_code()
    browser.open(f"/mfa/email?ticket={browser.page.request.args['ticket']}").send(place="0")


BEGINNINGS: dict[str, Callable[[Browser], None]] = {
    "/sign-up/code": begin_sign_up,
    "/forgot-password/code": begin_forgotten,
    "/account/phones/code": begin_phone,
    "/account/emails/code": begin_email,
    "/mfa/code": begin_second_by_sms,
    "/mfa/code by e-mail": begin_second_by_email,
    "/sign-in/code": begin_sign_in,
    "/account/prove/code": begin_proof,
}


def awaited(house: House) -> tuple[Browser, dict[str, Waiting]]:
    """A member at every page at once. Their account has been asleep, so that it asks for a code by e-mail too."""
    house.set(
        sign_up={"password": True, "identifier": "phone_or_email"},
        sign_in={"phone": "code_or_password", "email": "code_or_password"},
        second_factors={"policy": "offered"},
        limits={"resend_waits": ["0"]},
        codes={"tries": 10, "failures_before_wait": 50},
    )
    browser = house.browser().open("/sign-up").send(phone=NUMBER, country="FR").type_code()
    browser.send(new_password=PASSWORD).open("/account/emails/add").send(email=ADDRESS).type_code()
    assert browser.path == "/account/emails"
    house.sql("UPDATE accounts SET seen_at = 1, created_at = 1")
    found = {}
    for name, begin in BEGINNINGS.items():
        browser.open("/account/emails")
        begin(browser)
        path = name.partition(" ")[0]
        assert browser.path == path, (name, browser.path, browser.text)
        found[name] = Waiting(path, browser.field("ticket"), house.newest_code())
    return browser, found


def kept(house: House) -> list[Any]:
    """Whatever a code can open."""
    return [
        house.sql("SELECT token_hash, proved_at, proofs FROM sessions ORDER BY token_hash"),
        house.sql("SELECT kind, value, account_id FROM identifiers ORDER BY kind, value"),
        house.sql("SELECT id, password_hash, seen_at FROM accounts"),
        house.sql("SELECT id, proved_at, second_at, used_at FROM tickets ORDER BY id"),
    ]


def test_a_code_of_one_purpose_is_none_of_another(house: House) -> None:
    browser, places = awaited(house)
    assert len({place.code for place in places.values()}) == len(places)
    before = kept(house)
    for name, place in places.items():
        for other, waiting in places.items():
            if name != other:
                browser.open("/account/emails").send(place.path, ticket=place.ticket, code=waiting.code)
                assert browser.status == 422, (name, other, browser.path)
    assert kept(house) == before


def test_a_ticket_of_one_flow_is_none_of_another(house: House) -> None:
    browser, places = awaited(house)
    before = kept(house)
    for name, place in places.items():
        for other in places.values():
            if place.path != other.path:
                browser.open("/account/emails").send(other.path, ticket=place.ticket, code=place.code)
                assert browser.status < 500, (name, other.path)
    assert kept(house) == before


def test_a_ticket_and_its_code_are_worth_nothing_in_another_browser(house: House) -> None:
    """Neither in a stranger's, nor in one where the same person, or another one, is signed in."""
    _browser, places = awaited(house)
    same = house.browser().open("/sign-in").send(phone=ADDRESS, country="FR")
    same.open(f"/sign-in/password?ticket={same.field('ticket')}").send("/sign-in/password", password=PASSWORD)
    another = house.browser().open("/sign-up").send(phone="06 98 76 54 32", country="FR").type_code()
    another.send(new_password=PASSWORD)
    before = kept(house)
    for thief in (house.browser(), same, another):
        for name, place in places.items():
            thief.open("/language" if thief is not another else "/account/emails/add")
            if 'name="csrf_token"' not in thief.page.text:
                thief.open("/sign-in")
            thief.send(place.path, ticket=place.ticket, code=place.code)
            assert thief.status < 500, name
    assert kept(house) == before


@pytest.mark.parametrize("name", [*BEGINNINGS])
def test_each_code_is_good_where_it_belongs_and_once(sqlite_house: House, name: str) -> None:
    """Without this the tests above would prove nothing."""
    house = sqlite_house
    browser, places = awaited(house)
    place = places[name]
    browser.open("/account/emails").send(place.path, ticket=place.ticket, code=place.code)
    assert browser.status == 200
    assert not browser.errors
    after = kept(house)
    browser.open("/account/emails" if browser.open("/account").path == "/account" else "/sign-in")
    browser.send(place.path, ticket=place.ticket, code=place.code)
    assert browser.status < 500
    assert kept(house) == after, "a second time it does nothing"


@pytest.mark.parametrize("name", [*BEGINNINGS])
def test_a_code_of_another_number_is_none(sqlite_house: House, name: str) -> None:
    """The same purpose, and the person beside them: their code opens nothing here."""
    house = sqlite_house
    browser, places = awaited(house)
    other = house.browser().open("/sign-in").send(phone="06 98 76 54 32", country="FR")
    theirs = house.newest_code()
    assert other.path == "/sign-in/code"
    before = kept(house)
    place = places[name]
    assert theirs != place.code
    browser.open("/account/emails").send(place.path, ticket=place.ticket, code=theirs)
    assert browser.status == 422
    assert kept(house) == before
