"""The admin's lists: who gets nothing, and the few numbers that need no message."""

from __future__ import annotations

import pytest

from tests.kit import House
from tests.pages.test_console import in_console

NUMBER, E164 = "06 12 34 56 78", "+33612345678"


@pytest.mark.parametrize("entry", [E164, "+336123*", "+33*"])
def test_a_blocked_number_gets_no_message_in_any_writing(house: House, entry: str) -> None:
    house.set(exceptions={"blocked_numbers": [entry]})
    for typed in (NUMBER, E164, "0033612345678"):
        browser = house.browser().sign_in(typed)
        assert "do not send codes" in browser.text
    assert house.count("messages") == 0
    assert house.browser().sign_in("+4915112345678").path == ("/sign-in/code")


@pytest.mark.parametrize("entry", ["127.0.0.1", "127.0.0.0/8"])
def test_a_blocked_network_gets_nothing_sent(house: House, entry: str) -> None:
    house.set(exceptions={"blocked_networks": [entry]})
    assert "do not send codes" in house.browser().sign_in(NUMBER).text
    assert house.count("messages") == 0


def test_a_test_number_signs_in_with_its_code_and_without_a_message(house: House) -> None:
    house.set(exceptions={"test_numbers": [f"{E164} 482913"]})
    browser = house.browser().sign_in(NUMBER)
    house.deliver()
    assert house.texts() == []
    browser.send("/sign-in/code", code=house.codes()[0])
    assert browser.status == 422, "the code that was derived opens nothing"
    browser.send("/sign-in/code", code="482913")
    assert browser.path == "/sign-in/create-account"


def test_the_fixed_code_opens_no_other_number(house: House) -> None:
    house.set(exceptions={"test_numbers": [f"{E164} 482913"]})
    assert house.browser().sign_in("06 98 76 54 32").send("/sign-in/code", code="482913").status == 422


def test_it_makes_no_account_where_nobody_signs_up_with_a_number(sqlite_house: House) -> None:
    house = sqlite_house
    house.set(
        exceptions={"test_numbers": [f"{E164} 482913"]}, sign_in={"email": "code"}, sign_up={"identifier": "email"}
    )
    browser = house.browser().sign_in(NUMBER).type_code("482913")
    assert (browser.path, browser.status) == ("/sign-in/code", 409)
    assert house.count("accounts") == 0


def test_test_numbers_are_loud_in_the_console_and_few(house: House) -> None:
    house.set(exceptions={"test_numbers": [f"{E164} 482913"]})
    browser = in_console(house).open("/admin/messages")
    assert "signs in with a fixed code" in browser.text
    numbers = "\n".join(f"+336123456{n:02d} 482913" for n in range(11))
    browser.open("/admin/settings").send(**{"exceptions.test_numbers": numbers})
    assert "at most 10" in browser.text
    browser.open("/admin/settings").send(**{"exceptions.blocked_networks": "1.2.3.4/99"})
    assert "such as 192.0.2.0/24" in browser.text
