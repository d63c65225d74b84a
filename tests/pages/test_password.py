"""The password in the account centre, and what a changed one means for whoever is signing in with the old one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from flows import new_password, one_time_code, sign_in
from flows import password as flow
from flows.identifier import read_identifier
from flows.outcomes import Refused
from rules import passwords
from storage import accounts, sessions
from storage.sessions import Audience
from tests.api.kit import account_program, reason
from tests.kit import House, wait_until
from tests.pages.test_forgot_password import (
    ADDRESS,
    E164,
    MEMBER,
    NEW,
    NEWER,
    OLD,
    kept,
    notices,
    proved,
    set_up,
    signs_in,
)
from tests.pages.test_proof import stale
from tests.racing import race


def test_it_is_changed_after_a_fresh_proof_and_everybody_is_told(house: House) -> None:
    browser = set_up(house)
    other = house.browser().sign_in(MEMBER).send("/sign-in/password", password=OLD)
    stale(house)
    browser.open("/account/password")
    assert browser.path == "/account/prove"
    browser.send("/account/prove/password", password=OLD)
    assert browser.path == "/account/password"
    assert 'name="end_sessions" value="on" checked' in browser.page.text
    assert 'autocomplete="new-password"' in browser.page.text
    browser.send(new_password=NEW, end_sessions="on")
    assert "Your password is set." in browser.text
    assert browser.path == "/account/password"
    assert browser.open("/account").path == "/account", "this session goes on"
    assert other.open("/account").path == "/sign-in"
    assert notices(house) == [E164, ADDRESS]
    assert not signs_in(house, OLD)
    assert signs_in(house, NEW)
    assert "The password was changed" in browser.open("/account/events").text


def test_others_stay_signed_in_where_the_box_is_not_ticked(house: House) -> None:
    browser = set_up(house)
    other = house.browser().sign_in(MEMBER).send("/sign-in/password", password=OLD)
    browser.open("/account/password").send("/account/prove/password", password=OLD).send(new_password=NEW)
    assert other.open("/account").path == "/account"


def test_a_stale_proof_changes_nothing(house: House) -> None:
    browser = set_up(house)
    browser.open("/account/password").send("/account/prove/password", password=OLD)
    before = kept(house)
    stale(house)
    browser.send("/account/password", new_password=NEW)
    assert browser.path == "/account/prove"
    assert kept(house) == before


def test_what_is_refused_says_why(sqlite_house: House) -> None:
    browser = set_up(sqlite_house)
    browser.open("/account/password").send("/account/prove/password", password=OLD)
    browser.send(new_password=f"{MEMBER} {MEMBER}")
    assert browser.errors == ["This is little more than your own number, address or name. Use something else."]
    assert browser.status == 422


@pytest.mark.parametrize("permission", ["off", "read"])
def test_it_is_not_there_where_the_admin_says_so(house: House, permission: str) -> None:
    browser = set_up(house)
    browser.open("/account/password").send("/account/prove/password", password=OLD)
    before = kept(house)
    house.set(account_centre={"password": permission})
    assert browser.send(new_password=NEW).status == 404
    assert kept(house) == before
    assert "/account/password" not in browser.open("/account").page.text


def test_who_has_none_sets_the_first_one(house: House) -> None:
    browser = house.browser().open("/sign-up").send(country="FR", phone=MEMBER).type_code()
    assert "Choose a password" in browser.open("/account/password").text
    browser.send(new_password=NEW)
    assert "Change your password" in browser.text
    assert passwords.is_right(kept(house), NEW)
    assert house.sql("SELECT kind FROM events ORDER BY at")[-1].kind == "password_set"


def change(house: House, share: tuple[str, str, Path]) -> str:
    """In a process of its own: (the session's id, the new password, where the two meet once both have read the old)."""
    session_id, password, meeting = share
    really = new_password.read_new_password

    def slowly(*args: Any, **options: Any) -> str:
        (meeting / password).touch()
        wait_until(lambda: len(list(meeting.iterdir())) == 2)
        return really(*args, **options)

    new_password.read_new_password = slowly
    with house.services.database.read() as connection:
        owner = connection.exec_driver_sql("SELECT id FROM accounts").scalar_one()
        found = sessions.of_owner(connection, Audience.ACCOUNT, owner, house.clock())
    session = next(each for each in found if each.id == session_id)
    outcome = flow.change(house.services, house.visitor(), session, password, end_sessions=True)
    return outcome.reason if isinstance(outcome, Refused) else type(outcome).__name__


def test_of_two_changes_at_once_one_wins_and_the_other_is_told(house: House, database_url: str, tmp_path: Path) -> None:
    house.set(sign_up={"password": True})
    house.browser().open("/sign-up").send(country="FR", phone=MEMBER).type_code().send(new_password=OLD)
    session_id = house.sql("SELECT id FROM sessions")[0].id
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    shares = [(session_id, password, meeting) for password in (NEW, NEWER)]
    outcomes = race(database_url, tmp_path / "instance", "tests.pages.test_password:change", shares)
    assert sorted(outcomes) == ["Done", "changed_meanwhile"]
    assert passwords.is_right(kept(house), NEW) != passwords.is_right(kept(house), NEWER)
    assert len(notices(house)) == 1


def begun(house: House) -> str:
    identifier = read_identifier(house.services, MEMBER, "FR", ["phone"])
    return one_time_code.begin(house.services, house.visitor(), identifier, flow="sign_in")


def test_a_password_that_is_changed_while_it_is_checked_opens_nothing_and_does_not_come_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hash of the old one that is to be made anew must not take the place of the new password."""
    set_up(house)
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(OLD)
    house.sql("UPDATE accounts SET password_hash = :hash", hash=weak)
    house.sql("DELETE FROM sessions")
    really = passwords.rehashed

    def change_meanwhile(password_hash: str | None, password: str) -> str | None:
        with house.services.database.write() as connection:
            owner = connection.exec_driver_sql("SELECT id FROM accounts").scalar_one()
            accounts.set_password(connection, owner, passwords.hash_password(NEW), house.clock())
        return really(password_hash, password)

    monkeypatch.setattr(sign_in.passwords, "rehashed", change_meanwhile)
    outcome = sign_in.check_password(house.services, house.visitor(), begun(house), OLD)
    assert isinstance(outcome, Refused)
    assert house.count("sessions") == 0
    assert passwords.is_right(kept(house), NEW)


def enter(house: House, ticket: str) -> str:
    return type(sign_in.check_password(house.services, house.visitor(), ticket, OLD)).__name__


def test_two_sign_ins_at_once_both_come_in_and_the_hash_is_made_anew(
    house: House, database_url: str, tmp_path: Path
) -> None:
    set_up(house)
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(OLD)
    house.sql("UPDATE accounts SET password_hash = :hash", hash=weak)
    before = house.sql("SELECT password_at FROM accounts")[0][0]
    house.sql("UPDATE tickets SET created_at = created_at - 7200")
    tickets = [begun(house) for _ in range(3)]
    assert race(database_url, tmp_path / "instance", "tests.pages.test_password:enter", tickets) == ["SignedIn"] * 3
    assert kept(house) != weak
    assert passwords.rehashed(kept(house), OLD) is None
    assert house.sql("SELECT password_at FROM accounts")[0][0] == before, "the same password, chosen when it was"


def test_a_sign_in_that_waits_for_its_second_factor_ends_with_the_old_password(house: House) -> None:
    browser = set_up(house)
    ticket = begun(house)
    house.set(second_factors={"policy": "offered"})
    house.sql(
        "INSERT INTO factors (id, account_id, kind, name, secret, counter, details, created_at) "
        "SELECT 'app', id, 'totp', '', '', 0, '{}', 0 FROM accounts"
    )
    outcome = sign_in.check_password(house.services, house.visitor(), ticket, OLD)
    assert getattr(outcome, "step", "") == "second_factor"
    browser.open("/account/password").send("/account/prove/password", password=OLD).send(new_password=NEW)
    assert house.sql("SELECT used_at FROM tickets WHERE id = :id", id=ticket)[0].used_at


@pytest.mark.parametrize("how", ["changed", "forgotten"])
def test_a_new_password_ends_all_fresh_proofs_but_that_of_who_set_it(house: House, how: str) -> None:
    browser = set_up(house)
    other = house.browser().sign_in(MEMBER).send("/sign-in/password", password=OLD)
    program = account_program(house, other).proved()
    assert other.open("/account/password").path == "/account/password"
    if how == "changed":
        browser.open("/account/password").send("/account/prove/password", password=OLD).send(new_password=NEW)
        assert browser.open("/account/password").path == "/account/password", "it has just been proved"
    else:
        house.clock.forward(301)
        proved(house).send(new_password=NEW)
    assert other.open("/account/password").path == "/account/prove", "still signed in, for no box was ticked"
    assert reason(program.call("PUT", "/password", {"password": NEWER})) == "proof_needed"
    assert passwords.is_right(house.sql("SELECT password_hash FROM accounts")[0][0], NEW)


def test_an_old_password_that_was_looked_at_before_the_change_is_no_proof_after_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = set_up(house).open("/account/password")
    right = passwords.is_right

    def changed_meanwhile(stored: str | None, typed: str) -> bool:
        house.sql("UPDATE accounts SET password_at = :now, password_hash = 'another'", now=house.clock())
        return right(stored, typed)

    monkeypatch.setattr(passwords, "is_right", changed_meanwhile)
    browser.send("/account/prove/password", password=OLD)
    assert browser.status == 422
    assert browser.open("/account/password").path == "/account/prove"
