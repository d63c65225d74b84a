"""A number changes: the old one kept, lost, given back, somebody else's, wanted by two, and with a power cut between.

One owner always, the old one told, and nobody is locked out."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows import contacts
from flows.outcomes import Done, Refused
from tests.flows.test_kills import die, run_and_die
from tests.kit import Browser, House
from tests.pages.factors_kit import sign_up
from tests.pages.test_console import in_console
from tests.pages.test_recycled_numbers import told
from tests.racing import race

A, B, C = "06 12 34 56 78", "06 98 76 54 32", "06 11 22 33 44"
AT, BT = "+33612345678", "+33698765432"
CHANGED = "notice_contact_changed"
ADDRESS, PASSWORD = "ann@example.com", "four horses by the sea"


def own(house: House) -> list[tuple[str, bool]]:
    rows = house.sql("SELECT value, is_primary FROM identifiers WHERE kind = 'phone' ORDER BY verified_at")
    return [(row.value, bool(row.is_primary)) for row in rows]


def replace(house: House, browser: Browser, phone: str, place: int = 0) -> Browser:
    house.clock.forward(61)
    page = f"/account/phones/add?replaces={browser.contact(place)}"
    assert page in browser.page.text
    assert "Replace a phone number" in browser.open(page).text
    return browser.send(page, country="FR", phone=phone)


def test_a_number_takes_the_place_of_another_once_it_is_proved(house: House) -> None:
    browser = replace(house, sign_up(house, A), B)
    assert own(house) == [(AT, True)], "until then the old one stays"
    browser.type_code("000000")
    assert own(house) == [(AT, True)]
    browser.type_code()
    assert browser.path == "/account/phones"
    assert own(house) == [(BT, True)]
    assert told(house, CHANGED) == [AT]
    house.clock.forward(301)
    assert house.browser().sign_in(B).type_code().path == "/account"
    assert house.browser().sign_in(A).type_code().path == "/sign-in/create-account"


def test_one_that_is_not_the_main_one_leaves_the_main_one_alone(house: House) -> None:
    browser = sign_up(house, A)
    browser.open("/account/phones/add").send(country="FR", phone=B).type_code()
    replace(house, browser, C, place=1).type_code()
    assert own(house) == [(AT, True), ("+33611223344", False)]
    assert told(house, CHANGED) == [AT, BT], "whatever the account has is told, and the one that went"


def test_with_as_many_numbers_as_allowed_one_can_still_be_replaced(house: House) -> None:
    house.set(account_centre={"most_phones": 1})
    replace(house, sign_up(house, A), B).type_code()
    assert own(house) == [(BT, True)]


def test_a_to_b_to_a(house: House) -> None:
    browser = replace(house, sign_up(house, A), B).type_code()
    house.clock.forward(301)
    browser = house.browser().sign_in(B).type_code()
    replace(house, browser, A).type_code()
    assert own(house) == [(AT, True)]
    assert told(house, CHANGED) == [AT, BT]
    assert house.count("accounts") == 1


def test_with_the_old_number_lost_a_password_is_proof_enough(house: House) -> None:
    house.set(sign_up={"password": True}, sign_in={"phone": "password_or_code"})
    sign_up(house, A).send(new_password=PASSWORD)
    house.clock.forward(3600)
    browser = house.browser().sign_in(A).send("/sign-in/password", password=PASSWORD)
    replace(house, browser, B).type_code()
    assert own(house) == [(BT, True)]


def test_a_session_alone_replaces_nothing(house: House) -> None:
    browser = sign_up(house, A)
    page = f"/account/phones/add?replaces={browser.contact(0)}"
    house.clock.forward(700)
    browser.open(page)
    assert browser.path == "/account/prove"
    browser.send("/account/prove/send", place="0").type_code()
    assert browser.page.request.full_path == page, "back to what it was for"


def test_b_of_somebody_else_stays_theirs(house: House) -> None:
    sign_up(house, B)
    browser = replace(house, sign_up(house, A), B).type_code()
    assert "belongs to another account" in browser.text
    assert {value for value, _main in own(house)} == {AT, BT}
    assert house.sql("SELECT count(DISTINCT account_id) FROM identifiers")[0][0] == 2
    assert told(house, CHANGED) == []


def test_one_that_is_not_ones_own_is_refused(house: House) -> None:
    browser = sign_up(house, A)
    for place in ("0", "1", "x", "f" * 32):
        browser.open("/account/phones/add").send(f"/account/phones/add?replaces={place}", country="FR", phone=B)
        assert browser.status == 409, place
    assert own(house) == [(AT, True)]


def test_who_removes_a_number_has_it_told(house: House) -> None:
    browser = sign_up(house, A)
    browser.open("/account/phones/add").send(country="FR", phone=B).type_code()
    browser.send("/account/phones", place=browser.contact(1), action="remove")
    assert told(house, CHANGED) == [AT, BT]


# B wanted by two, and a power cut


def ticket_for(house: House, name: str, phone: str) -> tuple[str, str]:
    """A place in the flow of somebody with this number, with B waiting to take its place; and the code."""
    row = house.sql("SELECT account_id FROM identifiers WHERE value LIKE :end", end="%" + phone[-2:])[0]
    session = session_of(house, row.account_id)
    old = contacts.own(house.services, session, "phone")[0].id
    begun = contacts.start(house.services, house.visitor(name), session, "phone", B, "FR", old)
    assert not isinstance(begun, Refused), begun
    return begun.ticket, house.newest_code()


def session_of(house: House, account_id: str) -> contacts.Session:
    row = house.sql("SELECT * FROM sessions WHERE owner_id = :id", id=account_id)[0]
    return contacts.Session(**{name: getattr(row, name) for name in contacts.Session.__dataclass_fields__})


def take(house: House, share: tuple[str, str, str, str]) -> str:
    name, account_id, ticket, code = share
    session = session_of(house, account_id)
    outcome = contacts.check_code(house.services, house.visitor(name), session, "phone", ticket, code)
    return "Done" if isinstance(outcome, Done) else outcome.reason


def test_of_two_who_want_b_at_once_one_gets_it_and_both_can_come_back(house: House, tmp_path: Path) -> None:
    shares = []
    for name, phone in (("one", A), ("two", C)):
        sign_up(house, phone)
        house.clock.forward(301)
        account_id = house.sql("SELECT id FROM accounts ORDER BY created_at DESC")[0].id
        shares.append((name, account_id, *ticket_for(house, name, phone)))
    house.sql("UPDATE tickets SET expires_at = expires_at - :ahead", ahead=0)
    house.sql("UPDATE messages SET expires_at = expires_at - :ahead", ahead=0)
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:take", shares)
    assert sorted(answers) == ["Done", "taken_still"]
    owners = house.sql("SELECT account_id, count(*) AS n FROM identifiers GROUP BY account_id")
    assert sorted(row.n for row in owners) == [1, 1], "each has one number"
    assert len({value for value, _main in own(house)}) == 2


def die_in_the_middle(house: House, account_id: str, ticket: str, code: str) -> None:
    """After B was added, before A is gone."""
    contacts.accounts.remove_identifier = die  # type: ignore[assignment]
    take(house, ("one", account_id, ticket, code))


def test_after_a_power_cut_in_the_middle_the_old_number_still_opens_the_door(house: House, tmp_path: Path) -> None:
    sign_up(house, A)
    house.clock.forward(301)
    account_id = house.sql("SELECT id FROM accounts")[0].id
    ticket, code = ticket_for(house, "one", A)
    run_and_die(house.database_url, tmp_path / "instance", die_in_the_middle, account_id, ticket, code)
    assert own(house) == [(AT, True)]
    assert told(house, CHANGED) == []
    assert take(house, ("one", account_id, ticket, code)) == "Done", "the code is good again: nothing had happened"
    assert own(house) == [(BT, True)]


# The road back


def test_who_no_longer_has_the_number_is_told_what_else_there_is(house: House) -> None:
    house.set(sign_in={"email": "code", "passkey": True}, application={"help_url": "https://help.example.com/lost"})
    sign_up(house, A)
    house.clock.forward(301)
    pages = []
    for phone in (A, "06 00 00 00 77"):
        browser = house.browser().sign_in(phone)
        assert "I no longer have this number" in browser.text
        pages.append(browser.open("/sign-in/lost-number").text)
    assert pages[0] == pages[1], "the same for a stranger"
    assert "its e-mail address" in browser.text
    assert "https://help.example.com/lost" in browser.page.text


def test_with_an_address_in_the_account_the_number_is_replaced_without_it(house: House) -> None:
    house.set(sign_in={"email": "code"})
    browser = sign_up(house, A)
    house.sql(
        "INSERT INTO identifiers (kind, value, account_id, country, verified_at) "
        "SELECT 'email', :value, id, '', 1 FROM accounts",
        value=ADDRESS,
    )
    house.clock.forward(3600)
    browser = house.browser().open("/sign-in").send(phone=ADDRESS, country="FR").type_code()
    assert browser.path == "/account"
    replace(house, browser, B).type_code()
    assert own(house) == [(BT, True)]
    assert told(house, CHANGED) == sorted([AT, ADDRESS])


@pytest.mark.parametrize("reason", ["", "short"])
def test_an_admin_adds_a_number_for_a_reason_and_the_account_is_told(house: House, reason: str) -> None:
    sign_up(house, A)
    account = house.sql("SELECT id FROM accounts")[0].id
    admin = in_console(house).open(f"/admin/users/{account}")
    admin.send(f"/admin/users/{account}/add-contact", contact="+33698765432", reason=reason)
    assert admin.status == 422
    assert admin.field("contact") == "+33698765432"
    admin.send(f"/admin/users/{account}/add-contact", contact="+33698765432", reason="Came with her passport")
    assert own(house) == [(AT, True), (BT, False)]
    assert told(house, "notice_contact_added") == [AT]
    assert house.sql("SELECT vouched_by FROM identifiers WHERE value = :value", value=BT)[0].vouched_by == "ada"
    entry = house.sql("SELECT details FROM audit WHERE action = 'user.phone_added'")[0].details
    assert "passport" in entry
    assert "698765432" not in entry
    house.clock.forward(301)
    assert house.browser().sign_in(B).type_code().path == "/account"
