"""Nobody learns from our pages who has an account: strangers and members meet the same, until the code is right."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.kit import Browser, House

MEMBER, STRANGER = "06 12 34 56 78", "06 98 76 54 78"
PASSWORD = "four horses by the sea"


@pytest.fixture
def house(house: House) -> House:
    """Pages tell seconds, which must not be those that the test takes."""
    house.clock.stop()
    return house


def seen(browser: Browser) -> tuple[int, str, str, int, list[str]]:
    """All that can be seen of a page, but for what is random."""
    text = re.sub(r'(name="(csrf_token|ticket)" value|ticket)="?=?[^"&]*', "", browser.page.text)
    text = re.sub(r"\+33 6 [0-9 ]+", "the number that was typed", text)
    names = sorted(name for name, _value in browser.page.headers.items())
    return browser.status, browser.path, text, len(text), names


def visit(house: House, number: str) -> list[object]:
    browser = house.browser()
    pages: list[object] = [seen(browser.sign_in(number))]
    house.deliver()
    pages.append(seen(browser.open("/sign-in/code")))
    pages.append(seen(browser.send("/sign-in/code", code="000000")))
    pages.append(seen(browser.send("/sign-in/send-again")))
    house.clock.forward(31)
    pages.append(seen(browser.open("/sign-in/code")))
    pages.append(seen(browser.send("/sign-in/send-again")))
    house.deliver()
    pages.append(seen(browser.open("/sign-in/code")))
    pages += [seen(browser.send("/sign-in/code", code="000000")) for _ in range(4)]
    return pages


@pytest.mark.parametrize("sign_up", [{"enabled": True}, {"enabled": False}, {"identifier": "email"}])
def test_strangers_and_members_see_the_same(house: House, sign_up: dict[str, object]) -> None:
    house.browser().open("/sign-up").send(country="FR", phone=MEMBER).type_code()
    house.clock.forward(7200)
    house.set(sign_up=sign_up, sign_in={"email": "code"})
    house.clock.stop()  # a wait of 30 s is shown to both, however slow the machine
    before = house.count("attempts")
    member = visit(house, MEMBER)
    sent_to_member = house.count("attempts") - before
    stranger = visit(house, STRANGER)
    for one, other in zip(member, stranger, strict=True):
        assert one == other
    assert sent_to_member == 2
    assert house.count("attempts") - before - sent_to_member == (2 if sign_up == {"enabled": True} else 0)


def test_where_sign_up_is_off_no_code_makes_an_account(house: House) -> None:
    house.set(sign_up={"enabled": False})
    browser = house.browser().sign_in(STRANGER)
    assert house.sql("SELECT state FROM messages")[0].state == "withheld"
    house.set(sign_up={"enabled": True})
    assert browser.open("/sign-in/create-account").path == "/sign-in"
    assert house.count("accounts") == 0


def sign_up(house: House, number: str) -> list[object]:
    browser = house.browser().open("/sign-up")
    pages: list[object] = [seen(browser.send(country="FR", phone=number))]
    house.deliver()
    pages.append(seen(browser.open("/sign-up/code")))
    pages.append(seen(browser.send("/sign-up/code", code="000000")))
    pages.append(seen(browser.send("/sign-up/send-again")))
    house.clock.forward(31)
    pages.append(seen(browser.send("/sign-up/send-again")))
    house.deliver()
    pages.append(seen(browser.open("/sign-up/code")))
    pages += [seen(browser.send("/sign-up/code", code="000000")) for _ in range(4)]
    return pages


def passwords(house: House, number: str) -> list[object]:
    browser = house.browser().sign_in(number)
    assert browser.path == "/sign-in/password"
    pages: list[object] = [seen(browser)]
    pages += [seen(browser.send("/sign-in/password", password="a guess that is wrong")) for _ in range(6)]
    return pages


def forgotten(house: House, number: str) -> list[object]:
    browser = house.browser().open("/forgot-password").send(country="FR", phone=number)
    pages: list[object] = [seen(browser)]
    house.deliver()
    pages.append(seen(browser.open("/forgot-password/code")))
    pages += [seen(browser.send("/forgot-password/code", code="000000")) for _ in range(6)]
    pages.append(seen(browser.open("/forgot-password/new")))
    return pages


@pytest.mark.parametrize("walk", [sign_up, passwords, forgotten])
@pytest.mark.parametrize("state", ["", "suspended", "asleep", "without a password"])
def test_whatever_account_a_number_has_a_stranger_sees_the_same(
    house: House, walk: Callable[[House, str], list[object]], state: str
) -> None:
    house.set(sign_up={"password": True}, sign_in={"phone": "password_or_code"})
    house.browser().open("/sign-up").send(country="FR", phone=MEMBER).type_code().send(new_password=PASSWORD)
    house.clock.forward(7200)
    changes = {"suspended": "suspended_at = 1", "asleep": "seen_at = 1, created_at = 1"}
    changes["without a password"] = "password_hash = NULL"
    if state:
        house.sql(f"UPDATE accounts SET {changes[state]}")  # noqa: S608 - a test's own word
    house.clock.stop()
    member, stranger = walk(house, MEMBER), walk(house, STRANGER)
    for one, other in zip(member, stranger, strict=True):
        assert one == other


def test_in_the_account_centre_a_number_of_somebody_else_looks_like_a_free_one(house: House) -> None:
    house.browser().open("/sign-up").send(country="FR", phone=MEMBER).type_code()
    house.clock.forward(7200)
    found = []
    for number in (MEMBER, STRANGER):
        house.clock.forward(1)  # the newest message is told by its time
        browser = house.browser().open("/sign-up").send(country="FR", phone=f"06 11 11 11 {number[3:5]}").type_code()
        house.clock.forward(1)
        pages: list[object] = [seen(browser.open("/account/phones/add").send(country="FR", phone=number))]
        house.deliver()
        pages.append(seen(browser.open("/account/phones/code")))
        pages += [seen(browser.send("/account/phones/code", code="000000")) for _ in range(5)]
        found.append(pages)
    for one, other in zip(*found, strict=True):
        assert one == other
