"""A forgotten password: what the code opens, what it does not, and that nobody learns who has an account."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from flows import forgot_password as flow
from flows.outcomes import Done, Next, Refused
from rules import passwords
from rules.tokens import hash_token
from storage import tickets, trusted_browsers
from storage.trusted_browsers import TrustedBrowser
from tests.kit import Browser, House
from tests.pages.test_strangers import seen
from tests.provider import Provider
from tests.racing import race

MEMBER, E164 = "06 29 43 85 71", "+33629438571"
STRANGER = "06 98 76 54 71"
ADDRESS = "zaphira@kelpworks.example"
OLD, NEW, NEWER = "four horses by the sea", "nine otters under a bridge", "a kettle full of maps"
SETTINGS: dict[str, dict[str, Any]] = {
    "sign_up": {"password": True},
    "sign_in": {"phone": "password_or_code", "email": "code_or_password"},
}


def set_up(house: House) -> Browser:
    """A member with a number, an address and a password, still signed in, long enough ago to ask for codes."""
    house.set(**SETTINGS)
    browser = house.browser().open("/sign-up").send(country="FR", phone=MEMBER).type_code()
    browser.send(new_password=OLD)
    assert browser.path == "/account"
    house.sql(
        "INSERT INTO identifiers (kind, value, account_id, country, verified_at) SELECT 'email', :value, id, '', 1 "
        "FROM accounts",
        value=ADDRESS,
    )
    house.clock.forward(7200)
    return browser


def ask(house: House, who: str = MEMBER) -> Browser:
    return house.browser().open("/forgot-password").send(country="FR", phone=who)


def proved(house: House, who: str = MEMBER) -> Browser:
    browser = ask(house, who).type_code()
    assert browser.path == "/forgot-password/new", browser.text
    return browser


def signs_in(house: House, password: str) -> bool:
    browser = house.browser().sign_in(MEMBER)
    assert browser.path == "/sign-in/password"
    return browser.send("/sign-in/password", password=password).path == "/account"


def kept(house: House) -> str:
    return str(house.sql("SELECT password_hash FROM accounts ORDER BY created_at")[0][0])


def notices(house: House) -> list[str]:
    rows = house.sql("SELECT recipient FROM messages WHERE usage = 'notice_password_changed' ORDER BY recipient")
    return [row.recipient for row in rows]


def test_a_new_password_is_set_and_signs_in(house: House) -> None:
    signed_in = set_up(house)
    assert "Forgotten your password?" in house.browser().sign_in(MEMBER).text
    browser = proved(house)
    assert 'autocomplete="new-password"' in browser.page.text
    browser.send(new_password=NEW, end_sessions="on")
    assert browser.path == "/sign-in"
    assert "Your new password is set. Sign in with it." in browser.text
    assert "new password" not in browser.open("/sign-in").text, "it is told once"
    assert browser.open("/account").path == "/sign-in", "nobody is signed in by it"
    assert signed_in.open("/account").path == "/sign-in", "the other session has ended"
    assert not signs_in(house, OLD)
    assert signs_in(house, NEW)
    assert house.sql("SELECT kind FROM events WHERE kind LIKE 'password%' ORDER BY at")[-1].kind == "password_changed"


def test_other_sessions_stay_where_the_box_is_not_ticked(house: House) -> None:
    signed_in = set_up(house)
    proved(house).send(new_password=NEW)
    assert signed_in.open("/account").path == "/account"


def test_every_other_address_is_told_without_a_code(house: House) -> None:
    set_up(house)
    proved(house).send(new_password=NEW)
    assert notices(house) == [ADDRESS]
    house.deliver()
    assert house.texts()[0].startswith("The password of your Doorcode account was changed.")
    assert not re.search(r"\d{4}", house.texts()[0].replace("127.0.0.1:8000", "")), "no code"
    house.clock.forward(7200)
    proved(house, ADDRESS).send(new_password=NEWER)
    assert notices(house) == [E164, ADDRESS]


def test_trusted_browsers_are_forgotten_and_counted_failures_too(house: House) -> None:
    set_up(house)
    with house.services.database.write() as connection:
        owner = connection.exec_driver_sql("SELECT id FROM accounts").scalar_one()
        browser = TrustedBrowser("1", owner, hash_token("secret"), "", 0, house.clock() + 9999)
        trusted_browsers.add(connection, browser)
    for _ in range(3):
        assert not signs_in(house, "wrong")
    proved(house).send(new_password=NEW)
    assert house.count("trusted_browsers") == 0
    assert house.sql("SELECT key FROM counters WHERE key LIKE 'failures:password:%'") == []


def test_nothing_is_touched_until_the_code_is_right(house: House) -> None:
    signed_in = set_up(house)
    before = house.sql("SELECT * FROM accounts"), house.count("events"), house.count("sessions")
    browser = ask(house)
    house.deliver()
    for wrong in ("000000", "", "12", "x"):
        assert browser.send("/forgot-password/code", code=wrong).status == 422
    browser.open("/forgot-password/new")
    assert browser.path == "/forgot-password"
    browser.send("/forgot-password/new", new_password=NEW, end_sessions="on")
    assert (house.sql("SELECT * FROM accounts"), house.count("events"), house.count("sessions")) == before
    assert signed_in.open("/account").path == "/account"
    assert notices(house) == []


def visit(house: House, who: str) -> list[object]:
    browser = house.browser()
    pages: list[object] = [seen(browser.open("/forgot-password").send(country="FR", phone=who))]
    house.deliver()
    for seconds in (0, 31):
        house.clock.forward(seconds)
        pages.append(seen(browser.open("/forgot-password/code")))
        pages.append(seen(browser.send("/forgot-password/send-again")))
        house.deliver()
        pages.append(seen(browser.open("/forgot-password/code")))
    pages += [seen(browser.send("/forgot-password/code", code="000000")) for _ in range(6)]
    return pages


def states(house: House, recipient: str) -> set[str]:
    found = house.sql(
        "SELECT state FROM messages WHERE recipient = :recipient AND usage = 'forgot_password'", recipient=recipient
    )
    assert len(found) == 2
    return {row.state for row in found}


@pytest.mark.parametrize("sign_up", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_strangers_and_members_see_the_same(house: House, provider: Provider, sign_up: bool, fails: bool) -> None:
    """Also where the provider takes no message: a stranger's is never sent, so it cannot fail."""
    set_up(house)
    house.set(sign_up={"enabled": sign_up})
    if fails:
        provider.answer(400, {"error": "bad_number"})
        house.use_provider(provider.url)
    member = visit(house, MEMBER)
    assert member == visit(house, STRANGER)
    assert states(house, E164) == {"refused" if fails else "accepted"}
    assert states(house, "+33698765471") == {"withheld"}


def test_a_strangers_code_would_open_nothing(house: House) -> None:
    set_up(house)
    browser = ask(house, STRANGER)
    browser.send("/forgot-password/code", code=house.codes()[0])
    assert browser.status == 409
    assert house.count("accounts") == 1


def test_a_suspended_account_is_told_to_its_owner_only(house: House) -> None:
    set_up(house)
    house.sql("UPDATE accounts SET suspended_at = 1")
    browser = ask(house)
    assert "suspended" not in browser.text
    browser.type_code()
    assert "This account is suspended." in browser.text
    assert "suspended" not in browser.open("/forgot-password/new").text
    house.sql("UPDATE accounts SET suspended_at = NULL")
    house.clock.forward(120)
    browser = proved(house)
    house.sql("UPDATE accounts SET suspended_at = 1")
    before = kept(house)
    browser.send(new_password=NEW)
    assert "This account is suspended." in browser.text
    assert kept(house) == before


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "Use at least 15 characters."),
        ("x" * 129, "Use at most 128 characters."),
        ("a" * 20, "This is little more than the same again, or a row of keys. Use several words."),
        ("password12345678", "Many people use this password, or one like it, so it is tried first. Use another one."),
        ("+33 6 29 43 85 71", "This is little more than your own number, address or name. Use something else."),
        (ADDRESS, "This is little more than your own number, address or name. Use something else."),
        ("kelpworks zaphira", "This is little more than your own number, address or name. Use something else."),
        ("DoorcodeDoorcode!", "This is little more than a name that everybody here knows. Use something else."),
        ("Brimblewick 1234567", "This is little more than a name that everybody here knows. Use something else."),
    ],
)
def test_each_refused_password_has_its_own_sentence(sqlite_house: House, password: str, words: str) -> None:
    house = sqlite_house
    set_up(house)
    house.set(passwords={"refused": ["Brimblewick"]})
    browser = proved(house)
    browser.send(new_password=password, end_sessions="on")
    assert (browser.status, browser.errors) == (422, [words])
    assert 'name="end_sessions" value="on" checked' in browser.page.text
    assert browser.field("new_password") == "", "what was typed is not sent back"
    browser.send(new_password=NEW, end_sessions="on")
    assert browser.path == "/sign-in", "the ticket is still good"


def test_a_ticket_is_good_once(house: House) -> None:
    set_up(house)
    browser = proved(house)
    ticket = browser.field("ticket")
    browser.send(new_password=NEW)
    before = kept(house)
    browser.open("/forgot-password").send("/forgot-password/new", ticket=ticket, new_password=NEWER)
    assert browser.status == 409
    assert kept(house) == before
    assert browser.open(f"/forgot-password/new?ticket={ticket}").path == "/forgot-password"


def test_a_proof_goes_stale(house: House) -> None:
    set_up(house)
    browser = proved(house)
    before = kept(house)
    house.clock.forward(601)
    browser.send(new_password=NEW)
    assert browser.status == 409
    assert kept(house) == before


def test_another_browsers_ticket_and_another_flows_are_worth_nothing(house: House) -> None:
    set_up(house)
    mine = proved(house)
    ticket, before = mine.field("ticket"), kept(house)
    other = house.browser().open("/forgot-password")
    assert other.send("/forgot-password/new", ticket=ticket, new_password=NEWER).status == 409
    house.clock.forward(120)
    house.set(sign_in={"phone": "code"})
    signing_in = house.browser().sign_in(MEMBER)
    code, ticket = house.newest_code(), signing_in.field("ticket")
    assert signing_in.send("/forgot-password/code", ticket=ticket, code=code).status == 409
    signing_in.send("/sign-in/code", ticket=ticket, code=code)
    assert signing_in.open(f"/forgot-password/new?ticket={ticket}").path == "/forgot-password"
    signing_in.send("/forgot-password/new", ticket=ticket, new_password=NEWER)
    assert signing_in.status == 409
    assert kept(house) == before


def test_its_ticket_signs_nobody_in(house: House) -> None:
    set_up(house)
    browser = ask(house)
    ticket, code = browser.field("ticket"), house.newest_code()
    browser.send("/sign-in/code", ticket=ticket, code=code)
    assert browser.open("/account").path == "/sign-in"
    house.clock.forward(3600)
    browser = proved(house)
    ticket = browser.field("ticket")
    for path in ("/sign-in/create-account", "/sign-in/password", "/sign-in/code", "/sign-up/code"):
        browser.open("/sign-in").send(path, ticket=ticket, code="000000", password=OLD)
    assert browser.open("/account").path == "/sign-in"


def test_a_number_that_has_moved_to_another_account_opens_neither(house: House) -> None:
    set_up(house)
    browser = proved(house)
    before = kept(house)
    house.sql("INSERT INTO accounts (id, created_at, locale) VALUES ('other', 9e12, 'en')")
    house.sql("UPDATE identifiers SET account_id = 'other' WHERE kind = 'phone'")
    browser.send(new_password=NEW)
    assert browser.status == 409
    assert kept(house) == before
    assert house.sql("SELECT password_hash FROM accounts WHERE id = 'other'")[0][0] is None


@pytest.mark.parametrize(
    "change",
    [
        {"forgot_password": {"phone": False}},
        {"forgot_password": {"phone": False, "email": False}},
        {"sign_in": {"phone": "code", "email": "off"}, "sign_up": {"password": False}},
    ],
)
def test_settings_that_change_on_the_way_count_at_every_step(house: House, change: dict[str, Any]) -> None:
    set_up(house)
    before = kept(house)
    midway = ask(house)
    code = house.newest_code()
    house.set(**change)
    midway.send("/forgot-password/code", code=code)
    assert midway.status in (200, 403)
    assert midway.path != "/forgot-password/new"
    house.set(**SETTINGS, forgot_password={"phone": True, "email": True})
    house.clock.forward(120)
    browser = proved(house)
    house.set(**change)
    assert browser.send(new_password=NEW).status in (200, 403)
    assert kept(house) == before
    assert house.browser().open("/sign-in").status == 200


def test_a_shorter_minimum_or_a_longer_one_counts_as_it_is_now(house: House) -> None:
    set_up(house)
    browser = proved(house)
    house.set(passwords={"shortest_alone": 40})
    assert browser.send(new_password=NEW).errors == ["Use at least 40 characters."]
    house.set(passwords={"shortest_alone": 8})
    assert browser.send(new_password=NEW).path == "/sign-in"


def test_it_is_not_offered_where_it_is_off(house: House) -> None:
    set_up(house)
    house.set(forgot_password={"phone": False, "email": False})
    assert "Forgotten your password?" not in house.browser().sign_in(MEMBER).text
    assert house.browser().open("/forgot-password").status == 403


def add_totp(house: House) -> None:
    house.set(second_factors={"policy": "offered", "totp": True})
    house.sql(
        "INSERT INTO factors (id, account_id, kind, name, secret, counter, details, created_at) "
        "SELECT 'app', id, 'totp', '', '', 0, '{}', 0 FROM accounts"
    )


def flow_ticket(house: House, trusted: str = "") -> tuple[Any, str]:
    """A visitor of the flow itself, with the right code."""
    visitor = house.visitor()
    visitor = type(visitor)(**(vars(visitor) | {"trusted": trusted}))
    sent = flow.start(house.services, visitor, MEMBER, "FR")
    assert isinstance(sent, Next)
    return visitor, sent.ticket


@pytest.mark.parametrize("trusted", [False, True])
def test_there_is_no_way_around_the_second_factor(house: House, trusted: bool) -> None:
    set_up(house)
    add_totp(house)
    if trusted:
        with house.services.database.write() as connection:
            owner = connection.exec_driver_sql("SELECT id FROM accounts").scalar_one()
            trusted_browsers.add(connection, TrustedBrowser("1", owner, hash_token("t"), "", 0, house.clock() + 9999))
    visitor, ticket = flow_ticket(house, "t" if trusted else "")
    due = Next("second_factor", ticket)
    assert flow.check_code(house.services, visitor, ticket, house.newest_code()) == due
    before = kept(house)
    assert flow.standing(house.services, visitor, ticket) == due
    assert flow.new_password(house.services, visitor, ticket, NEW, end_sessions=True) == due
    assert kept(house) == before
    with house.services.database.write() as connection:
        assert tickets.show_second(connection, ticket, "totp", house.clock())
    assert flow.standing(house.services, visitor, ticket) == Next("new_password", ticket)
    assert flow.new_password(house.services, visitor, ticket, NEW, end_sessions=True) == Done()
    assert passwords.is_right(kept(house), NEW)
    assert house.count("sessions") == 0


def test_a_second_factor_that_is_set_up_on_the_way_is_asked_for(house: House) -> None:
    set_up(house)
    visitor, ticket = flow_ticket(house)
    assert flow.check_code(house.services, visitor, ticket, house.newest_code()) == Next("new_password", ticket)
    add_totp(house)
    outcome = flow.new_password(house.services, visitor, ticket, NEW, end_sessions=True)
    assert outcome == Next("second_factor", ticket)


def test_a_code_to_the_phone_does_not_count_twice(house: House) -> None:
    """After an e-mail code the phone is a second factor; after a phone code only something else is."""
    set_up(house)
    add_totp(house)
    house.set(second_factors={"sms": True})
    visitor, ticket = flow_ticket(house)
    assert flow.check_code(house.services, visitor, ticket, house.newest_code()) == Next("second_factor", ticket)
    house.sql("DELETE FROM factors")
    sent = flow.start(house.services, visitor, ADDRESS, "")
    assert isinstance(sent, Next)
    outcome = flow.check_code(house.services, visitor, sent.ticket, house.newest_code())
    assert outcome == Next("second_factor", sent.ticket)


def renew(house: House, share: tuple[str, str, str]) -> str:
    """In a process of its own: (browser's secret, ticket, new password)."""
    browser, ticket, password = share
    outcome = flow.new_password(house.services, house.visitor(browser), ticket, password, end_sessions=True)
    return outcome.reason if isinstance(outcome, Refused) else type(outcome).__name__


@pytest.mark.parametrize("browsers", [1, 2])
def test_of_two_new_passwords_at_once_one_is_set(
    house: House, database_url: str, tmp_path: Path, browsers: int
) -> None:
    """With one ticket twice, and with a ticket in each of two browsers."""
    set_up(house)
    shares = []
    for number in range(2):
        name = f"browser {number % browsers}"
        if number < browsers:
            sent = flow.start(house.services, house.visitor(name), MEMBER, "FR")
            assert isinstance(sent, Next)
            assert isinstance(
                flow.check_code(house.services, house.visitor(name), sent.ticket, house.newest_code()), Next
            )
            house.clock.forward(61)
        shares.append((name, sent.ticket, (NEW, NEWER)[number]))
    house.sql("UPDATE tickets SET proved_at = proved_at - 122, expires_at = expires_at - 61")
    outcomes = race(database_url, tmp_path / "instance", "tests.pages.test_forgot_password:renew", shares)
    assert sorted(outcomes) == ["Done", "used_code"]
    assert passwords.is_right(kept(house), NEW) != passwords.is_right(kept(house), NEWER)
    assert len(house.sql("SELECT 1 FROM events WHERE kind = 'password_changed'")) == 1
    assert len(notices(house)) == 1
