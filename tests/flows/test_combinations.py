"""Every combination of how people sign up and in: walked to a session, or refused when it is saved, with its reason."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from settings.console import read_document
from settings.sections import IDENTIFIERS, METHODS
from tests.kit import Browser, House

NUMBER, EMAIL, NAME = "06 12 34 56 78", "ann@example.com", "ann.smith"
PASSWORD = "four horses by the sea"
BY_CODE_OR_PASSWORD = [name for name, _label in METHODS]

COMBINATIONS = [
    {
        "sign_up": {"identifier": identifier, "password": password},
        "sign_in": {"phone": phone, "email": email, "username": username},
    }
    for (identifier, _label), password, phone, email, username in product(
        IDENTIFIERS, (False, True), BY_CODE_OR_PASSWORD, BY_CODE_OR_PASSWORD, ("off", "password")
    )
]


def is_valid(sections: dict[str, Any]) -> bool:
    _settings, problems = read_document(sections, {}, production=False)
    return not problems


VALID = [sections for sections in COMBINATIONS if is_valid(sections)]


def spelled(sections: dict[str, Any]) -> str:
    up, way = sections["sign_up"], sections["sign_in"]
    return f"{up['identifier']}{'+password' if up['password'] else ''}-{way['phone']}-{way['email']}-{way['username']}"


def test_there_are_several_hundred_and_both_kinds() -> None:
    assert len(COMBINATIONS) == 500
    assert 100 < len(VALID) < 400


# What must hold of what is accepted and refused, in words of its own: not the product's rules once more.


@pytest.mark.parametrize("sections", COMBINATIONS, ids=spelled)
def test_what_is_refused_has_a_reason_and_what_is_accepted_has_a_way_back(sections: dict[str, Any]) -> None:
    _settings, problems = read_document(sections, {}, production=False)
    up, way = sections["sign_up"], sections["sign_in"]
    has = {"phone_or_email": ["phone"], "phone_and_email": ["phone", "email"]}.get(up["identifier"], [up["identifier"]])
    ways = [(kind, method) for kind in has for method in way[kind].split("_or_") if method != "off"]
    comes_back = any(method == "code" or up["password"] for _kind, method in ways)
    if up["identifier"] == "phone_or_email":
        comes_back = comes_back and any(
            method == "code" or up["password"] for method in way["email"].split("_or_") if method != "off"
        )
    assert bool(problems) != comes_back, problems
    assert all(path.startswith(("sign_in.", "sign_up.")) for path in problems)


def sign_up(house: House, browser: Browser, sections: dict[str, Any], first: str) -> None:
    identifier = sections["sign_up"]["identifier"]
    browser.open("/sign-up")
    if identifier == "username":
        browser.send(username=NAME, new_password=PASSWORD)
        return
    box = "email" if identifier == "email" else "phone"
    browser.send(**{box: first, "country": "FR"}).type_code()
    for _ in range(4):  # whatever is still missing
        if browser.path == "/complete/password":
            browser.send(new_password=PASSWORD)
        elif browser.path == "/account/emails/add":
            browser.send(email=EMAIL).type_code()
        elif browser.path == "/account/phones/add":
            browser.send(phone=NUMBER, country="FR").type_code()


def sign_in(browser: Browser, sections: dict[str, Any], kind: str, typed: str, method: str) -> None:
    kinds = [each for each in ("phone", "email", "username") if sections["sign_in"][each] != "off"]
    browser.open("/sign-in").send(**{kinds[0]: typed, "country": "FR"})
    if method == "password":
        if browser.path == "/sign-in/code":
            browser.open(browser.page.request.full_path.replace("/code", "/password"))
        assert browser.path == "/sign-in/password"
        browser.send("/sign-in/password", password=PASSWORD)
    else:
        if browser.path == "/sign-in/password":
            browser.send("/sign-in/use-code")
        assert browser.path == "/sign-in/code"
        browser.type_code()


@pytest.mark.parametrize("sections", VALID[::4], ids=spelled)
def test_whoever_signs_up_comes_back_each_way_that_is_on(sqlite_house: House, sections: dict[str, Any]) -> None:
    """A quarter of them each run; the others differ in one switch only."""
    house = sqlite_house
    house.set(**sections)
    identifier = sections["sign_up"]["identifier"]
    browser = house.browser()
    sign_up(house, browser, sections, EMAIL if identifier == "email" else NUMBER)
    assert browser.path == "/account", browser.text
    names = {row.kind: row.value for row in house.sql("SELECT kind, value FROM identifiers")}
    for kind, value in names.items():
        for method in sections["sign_in"][kind].split("_or_"):
            if method == "off" or (method == "password" and not sections["sign_up"]["password"]):
                continue
            house.clock.forward(301)
            fresh = house.browser()
            sign_in(fresh, sections, kind, value, method)
            assert fresh.path == "/account", (kind, method, fresh.text)
