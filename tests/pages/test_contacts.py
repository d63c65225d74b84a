"""The account centre: one's own numbers and addresses, events, data, and the end of an account."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows import contacts
from tests.kit import Browser, House
from tests.racing import race

FIRST, SECOND = "06 12 34 56 78", "06 98 76 54 32"


def signed_in(house: House, phone: str = FIRST) -> Browser:
    return house.browser().open("/sign-up").send(country="FR", phone=phone).type_code()


def numbers(house: House) -> list[tuple[str, bool]]:
    return [(row.value, bool(row.is_primary)) for row in house.sql("SELECT * FROM identifiers ORDER BY verified_at")]


def add(browser: Browser, phone: str = SECOND) -> Browser:
    return browser.open("/account/phones/add").send(country="FR", phone=phone)


def test_a_second_number_is_proved_and_signs_in(house: House) -> None:
    browser = add(signed_in(house)).type_code()
    assert browser.path == "/account/phones"
    assert numbers(house) == [("+33612345678", True), ("+33698765432", False)]
    house.clock.forward(301)
    assert house.browser().sign_in(SECOND).type_code().path == "/account"
    assert house.count("accounts") == 1


def test_a_number_is_not_added_without_its_code(house: House) -> None:
    browser = add(signed_in(house))
    browser.type_code("000000")
    assert browser.status == 422
    assert len(numbers(house)) == 1


def test_a_to_b_to_a(house: House) -> None:
    browser = add(signed_in(house)).type_code()
    browser.send("/account/phones", place=browser.contact(0), action="remove")
    assert numbers(house) == [("+33698765432", True)]
    house.clock.forward(301)
    add(browser, FIRST).type_code()
    assert numbers(house) == [("+33698765432", True), ("+33612345678", False)]


def test_the_others_are_told_of_a_number_that_is_added(house: House) -> None:
    add(signed_in(house)).type_code()
    assert notices(house) == [("notice_contact_added", "+33612345678")]


def notices(house: House) -> list[tuple[str, str]]:
    return [tuple(row) for row in house.sql("SELECT usage, recipient FROM messages WHERE usage LIKE 'notice%'")]


def test_who_signs_up_is_not_told_of_what_they_have_to_add(sqlite_house: House) -> None:
    sqlite_house.set(sign_up={"identifier": "phone_and_email"}, sign_in={"email": "code"})
    browser = signed_in(sqlite_house).send("/account/emails/add", email="ann@example.com").type_code()
    assert (browser.path, notices(sqlite_house)) == ("/account", [])


def test_what_is_done_twice_is_done_to_one(sqlite_house: House) -> None:
    """A double click without JavaScript: the list has changed since it was shown."""
    browser = add(signed_in(sqlite_house)).type_code()
    sqlite_house.clock.forward(301)
    add(browser, "06 11 22 33 44").type_code()
    second = browser.contact(1)
    for _ in range(2):
        browser.open("/account/phones").send(place=second, action="remove")
    assert [value for value, _main in numbers(sqlite_house)] == ["+33612345678", "+33611223344"]


def test_the_main_one_is_chosen(house: House) -> None:
    browser = add(signed_in(house)).type_code()
    browser.send("/account/phones", place=browser.contact(1), action="main")
    assert dict(numbers(house)) == {"+33612345678": False, "+33698765432": True}


def test_the_last_way_in_stays(house: House) -> None:
    browser = signed_in(house).open("/account/phones")
    browser.send(place=browser.contact(0), action="remove")
    assert "last way in" in browser.text
    assert len(numbers(house)) == 1


def test_a_number_of_somebody_else_is_told_to_who_has_proved_it_only(house: House) -> None:
    signed_in(house, SECOND)
    browser = signed_in(house)
    house.clock.forward(301)
    add(browser)
    assert browser.path == "/account/phones/code"
    assert "belongs to another" not in browser.text
    browser.type_code()
    assert "belongs to another account" in browser.text
    assert house.count("identifiers") == 2


def test_of_two_people_with_the_same_new_number_one_gets_it(house: House) -> None:
    one, two = signed_in(house), signed_in(house, "06 11 11 11 11")
    add(one)
    code_of_one = house.newest_code()
    house.clock.forward(301)
    add(two)
    two.type_code()
    one.send("/account/phones/code", code=code_of_one)
    assert "belongs to another account" in one.text
    owners = house.sql("SELECT account_id FROM identifiers WHERE value = '+33698765432'")
    assert len(owners) == 1


def test_a_stale_session_meets_the_proof_before_anything_changes(house: House) -> None:
    browser = signed_in(house)
    house.sql("UPDATE sessions SET proved_at = proved_at - 601")
    for path in ("/account/phones/add", "/account/emails/add", "/account/delete"):
        assert browser.open(path).path == "/account/prove", path
    browser.send("/account/phones", place=browser.contact(0), action="remove")
    assert browser.path == "/account/prove"
    assert browser.open("/account/data").send().path == "/account/prove"


def test_a_ticket_of_another_account_is_worth_nothing(house: House) -> None:
    """The same browser, another account: whoever signs in next does not get the number."""
    browser = add(signed_in(house))
    code = house.newest_code()
    house.sql("INSERT INTO accounts (id, created_at, locale) VALUES ('other', 0, 'en')")
    house.sql("UPDATE sessions SET owner_id = 'other'")
    browser.send("/account/phones/code", code=code)
    assert browser.status == 409
    assert house.sql("SELECT count(*) FROM identifiers WHERE account_id = 'other'")[0][0] == 0


def test_a_new_password_ends_what_was_begun_before_it(sqlite_house: House) -> None:
    """Somebody else is in, and adds a number. The owner changes the password, and lets the sessions go on."""
    house = sqlite_house
    house.set(sign_in={"phone": "code_or_password"})
    thief = add(signed_in(house))
    code = house.newest_code()
    house.clock.forward(61)
    owner = house.browser().open("/forgot-password").send(country="FR", phone=FIRST).type_code()
    assert owner.send(new_password="nine otters under a bridge").path == "/sign-in"
    assert thief.open("/account").path == "/account"
    thief.open("/account/phones/code").send(code=code)
    assert thief.status == 409
    assert numbers(house) == [("+33612345678", True)]


@pytest.mark.parametrize(("permission", "status"), [("off", 404), ("read", 200)])
def test_what_the_admin_does_not_allow_is_not_done(house: House, permission: str, status: int) -> None:
    browser = signed_in(house)
    house.set(account_centre={"phones": permission})
    assert browser.open("/account/phones").status == status
    assert "Remove" not in browser.text
    browser.open("/account/phones/add").send(country="FR", phone=SECOND)
    assert browser.status == 403
    assert house.count("messages") == 1


def test_as_many_numbers_as_allowed(house: House) -> None:
    house.set(account_centre={"most_phones": 1})
    browser = add(signed_in(house))
    assert "as many as it can" in browser.text


def test_no_more_than_allowed_also_where_several_were_begun_before_the_first_was_proved(house: House) -> None:
    browser = add(signed_in(house))
    code = house.newest_code()
    house.set(account_centre={"most_phones": 1})
    browser.type_code(code)
    assert "as many as it can" in browser.text
    assert len(numbers(house)) == 1


# Two at once


def drop(house: House, name: str) -> str:
    row = house.sql("SELECT * FROM sessions")[0]
    session = contacts.Session(**{name: getattr(row, name) for name in contacts.Session.__dataclass_fields__})
    outcome = contacts.remove(house.services, house.visitor(), session, "phone", name)
    return type(outcome).__name__


def test_two_removals_at_once_leave_a_way_in(house: House, tmp_path: Path) -> None:
    browser = add(signed_in(house)).type_code()
    both = [browser.contact(0), browser.contact(1)]
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:drop", both)
    assert sorted(answers) == ["Done", "Refused"]
    assert len(numbers(house)) == 1


# Events, data, the end


def test_events_are_told_without_whole_numbers(house: House) -> None:
    browser = add(signed_in(house)).type_code().open("/account/events")
    assert "Signed in" in browser.text
    assert "A phone number was added" in browser.text
    assert "698765432" not in browser.page.text.replace(" ", "")


def test_ones_data_holds_ones_own_and_no_secret(house: House) -> None:
    house.set(sign_up={"password": True})
    browser = signed_in(house).send(new_password="four horses by the sea")
    browser.open("/account/data").send()
    found = json.loads(browser.page.text)
    assert found["identifiers"][0]["value"] == "+33612345678"
    assert "argon2" not in browser.page.text


def test_an_account_is_deleted_with_the_word_typed(house: House) -> None:
    browser = signed_in(house).open("/account/delete").send(confirm="no")
    assert browser.status == 422
    browser.send(confirm="delete")
    assert house.count("accounts") == house.count("identifiers") == house.count("sessions") == 0
    house.clock.forward(301)
    assert house.browser().sign_in(FIRST).type_code().path == "/sign-in/create-account"
