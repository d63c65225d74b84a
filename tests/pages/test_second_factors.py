"""The second step of signing in: each factor proves its own thing, once, and none locks another."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from flows import mfa
from flows.outcomes import Refused
from tests.kit import Browser, House
from tests.pages.factors_kit import NUMBER, add_app, app_code, codes_shown, first_step, member, sign_up
from tests.pages.test_messages import following
from tests.racing import race

PASSWORD = "four horses by the sea"


def ticket_of(browser: Browser) -> str:
    return str(browser.page.request.args["ticket"])


def events(house: House) -> list[str]:
    return [row.kind for row in house.sql("SELECT kind FROM events ORDER BY id")]


def test_an_authenticator_app_is_the_second_step(house: House) -> None:
    key, _codes = member(house)
    browser = first_step(house)
    assert browser.path == "/mfa/totp"
    assert browser.open("/account").path == "/sign-in"
    browser = first_step_again(house)
    browser.send("/mfa/totp", code="000000")
    assert browser.status == 422
    assert "authenticator app" in browser.errors[0]
    browser.send("/mfa/totp", code=app_code(house, key))
    assert browser.path == "/account"
    proofs = house.sql("SELECT proofs FROM sessions ORDER BY created_at DESC")[0].proofs
    assert '"code"' in proofs
    assert '"totp"' in proofs


def first_step_again(house: House) -> Browser:
    house.clock.forward(301)
    return first_step(house)


def test_a_code_of_an_app_is_good_once(house: House) -> None:
    key, _codes = member(house)
    code = app_code(house, key)
    assert first_step(house).send("/mfa/totp", code=code).path == "/account"
    house.sql("DELETE FROM counters")  # no wait: it is the same half minute
    again = first_step(house)
    assert again.send("/mfa/totp", code=code).status == 422
    assert again.send("/mfa/totp", code=app_code(house, key, -1)).status == 422, "nor an older one"
    assert again.send("/mfa/totp", code=app_code(house, key, 1)).path == "/account"


def test_the_code_that_set_the_app_up_does_not_sign_in(house: House) -> None:
    house.clock.stop()  # a code is of its half minute
    house.set(second_factors={"policy": "offered"})
    key = add_app(house, sign_up(house))
    house.clock.forward(1)  # the newest message is told by its time
    house.sql("DELETE FROM counters")
    assert first_step(house).send("/mfa/totp", code=app_code(house, key)).status == 422


# Two processes, one code.


def show(house: House, share: tuple[str, str, str, str]) -> str:
    browser, ticket, factor, code = share
    check = mfa.check_totp if factor == "totp" else mfa.check_backup_code
    outcome = check(house.services, house.visitor(browser), ticket, code)
    return outcome.reason if isinstance(outcome, Refused) else type(outcome).__name__


def two_tickets(house: House) -> list[tuple[str, str]]:
    """Two browsers at the second step: (secret, ticket) each."""
    found = []
    for _ in range(2):
        browser = first_step(house)
        house.sql("DELETE FROM counters")
        with browser.client.session_transaction() as session:
            found.append((session["browser"], ticket_of(browser)))
    return found


@pytest.mark.parametrize("factor", ["totp", "backup_code"])
def test_of_two_processes_with_one_code_one_comes_in(house: House, tmp_path: Path, factor: str) -> None:
    key, codes = member(house, backup_codes=True)
    tickets = two_tickets(house)
    house.sql("UPDATE tickets SET created_at = created_at - :h, expires_at = expires_at - :h", h=house.clock.ahead)
    house.sql("UPDATE factors SET counter = 0")  # the children's clock is the real one
    house.clock.ahead = 0
    code = app_code(house, key) if factor == "totp" else codes[0]
    shares = [(browser, ticket, factor, code) for browser, ticket in tickets]
    outcomes = Counter(race(house.database_url, tmp_path / "instance", f"{__name__}:show", shares))
    refused = "wrong_app_code" if factor == "totp" else "wrong_backup_code"
    assert outcomes == {"SignedIn": 1, refused: 1}
    assert house.count("sessions") == 2, "the first is of signing up"


# Counting.


def test_too_many_wrong_codes_lock_that_factor_only(house: House) -> None:
    key, codes = member(house, backup_codes=True)
    browser = first_step(house)
    for _ in range(5):
        browser.send("/mfa/totp", code="000000")
    browser.send("/mfa/totp", code=app_code(house, key))
    assert browser.status == 429
    assert "no tries left" in browser.errors[0]
    browser.open(f"/mfa/backup-code?ticket={ticket_of_form(browser)}").send(code=codes[0])
    assert browser.path == "/account"


def ticket_of_form(browser: Browser) -> str:
    return browser.field("ticket")


def test_wrong_codes_count_through_many_sign_ins_until_waits_begin(house: House) -> None:
    key, _codes = member(house)
    for _ in range(2):
        browser = first_step_again(house)
        for _ in range(5):
            browser.send("/mfa/totp", code="000000")
    browser = first_step_again(house)
    browser.send("/mfa/totp", code="000000")
    browser.send("/mfa/totp", code=app_code(house, key))
    assert browser.status == 429
    assert "wait" in browser.errors[0]
    house.clock.forward(61)
    assert browser.send("/mfa/totp", code=app_code(house, key)).path == "/account"
    assert not house.sql("SELECT 1 FROM counters WHERE key LIKE 'failures:totp:%'")


# Backup codes.


def test_backup_codes_are_ten_good_once_and_not_kept(house: House) -> None:
    _key, codes = member(house, backup_codes=True)
    assert len(set(codes)) == 10
    kept = str(house.sql("SELECT * FROM factors"))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    browser = first_step(house)
    browser.open(f"/mfa/backup-code?ticket={ticket_of(browser)}")
    browser.send(code=codes[3].upper().replace("-", " "))
    assert browser.path == "/account"
    assert "backup_code_used" in events(house)
    again = first_step_again(house)
    again.open(f"/mfa/backup-code?ticket={ticket_of(again)}").send(code=codes[3])
    assert again.status == 422
    again.send(code="not a code at all")
    assert again.status == 422
    assert again.send(code=codes[4]).path == "/account"
    assert "8 codes are left" in again.open("/account/security").text


def test_new_backup_codes_replace_all(house: House) -> None:
    key, codes = member(house, backup_codes=True)
    browser = first_step(house).send("/mfa/totp", code=app_code(house, key))
    fresh = codes_shown(browser.open("/account/security").send("/mfa/enrol", kind="backup_code"))
    shown_at = f"{browser.path}?ticket={ticket_of(browser)}"
    assert codes_shown(browser.open(shown_at)) == fresh, "the page may be loaded again"
    browser.send("/mfa/enrol/backup-codes")
    assert browser.open(shown_at).path == "/mfa/enrol", "but not once they are kept"
    assert not set(fresh) & set(codes)
    assert house.sql("SELECT count(*) FROM factors WHERE kind = 'backup_code'")[0][0] == 10
    other = first_step_again(house)
    other.open(f"/mfa/backup-code?ticket={ticket_of(other)}").send(code=codes[0])
    assert other.status == 422
    assert other.send(code=fresh[0]).path == "/account"


# Text messages.


def sms_member(house: House) -> Browser:
    """Who signs in with a password, and gets a code as the second step; at that step."""
    house.set(sign_up={"password": True}, sign_in={"phone": "password_or_code"})
    sign_up(house).send(new_password=PASSWORD)
    house.set(second_factors={"policy": "offered"})
    house.clock.forward(3600)
    return house.browser().sign_in(NUMBER).send("/sign-in/password", password=PASSWORD)


def test_a_text_message_is_the_second_step_of_a_password(house: House) -> None:
    browser = sms_member(house)
    assert browser.path == "/mfa/sms"
    assert "weakest" in browser.text
    assert "12 34" not in browser.text
    before = house.count("messages")
    browser.send("/mfa/sms", place="0")
    browser.open(f"/mfa/code?ticket={browser.field('ticket')}&request_id=r")  # in an application's sign-in
    for way_back in (browser.field("next"), following(browser, "Look again")):
        assert browser.open(way_back).path == "/mfa/code"
    assert house.count("messages") == before + 1
    assert browser.type_code("000000").status == 422
    assert browser.type_code().path == "/account"
    assert house.sql("SELECT usage FROM messages ORDER BY created_at DESC")[0].usage == "mfa_verification"


def test_a_phone_code_does_not_count_twice(house: House) -> None:
    sms_member(house)
    browser = house.browser().sign_in(NUMBER)
    assert browser.send("/sign-in/use-code").type_code().path == "/mfa/enrol/offer", "nothing else is asked for, yet"


def test_a_code_of_one_purpose_is_none_of_another(house: House) -> None:
    browser = sms_member(house)
    other = house.browser().sign_in(NUMBER).send("/sign-in/use-code")
    signing_in = house.newest_code()
    browser.send("/mfa/sms", place="0")
    assert browser.type_code(signing_in).status == 422
    second = house.newest_code()
    assert other.type_code(second).status == 422
    assert browser.type_code(second).path == "/account"


def test_a_number_that_is_gone_is_no_second_step(house: House) -> None:
    browser = sms_member(house).send("/mfa/sms", place="0")
    code = house.newest_code()
    house.sql("UPDATE identifiers SET value = '+33699999999' WHERE kind = 'phone'")
    browser.type_code(code)
    assert browser.status == 409
    assert house.count("sessions") == 1


def test_a_double_click_sends_one_message(house: House) -> None:
    browser = sms_member(house)
    ticket = ticket_of(browser)
    first = browser.send("/mfa/sms", place="0").field("ticket")
    browser.open(f"/mfa/sms?ticket={ticket}").send(place="0")
    assert browser.path == "/mfa/code"
    assert browser.field("ticket") == first


@pytest.mark.parametrize("place", ["1", "-1", "x", "", "9" * 30, "²"])
def test_a_code_goes_to_ones_own_numbers_only(house: House, place: str) -> None:
    browser = sms_member(house)
    before = house.count("messages")
    assert browser.send("/mfa/sms", place=place).status == 409
    assert house.count("messages") == before


# A ticket is of one browser, one account, one purpose.


def test_another_browser_has_nothing_of_the_ticket(house: House) -> None:
    key, codes = member(house, backup_codes=True)
    ticket = ticket_of(first_step(house))
    thief = house.browser().open("/sign-in")
    for path, code in (("/mfa/totp", app_code(house, key)), ("/mfa/backup-code", codes[0])):
        thief.open("/sign-in").send(path, ticket=ticket, code=code)
        assert thief.open("/account").path == "/sign-in"
    assert house.count("sessions") == 1


def test_a_ticket_that_is_not_proved_opens_no_second_step(house: House) -> None:
    key, _codes = member(house)
    browser = house.browser().sign_in(NUMBER)
    ticket = ticket_of(browser)
    assert browser.open(f"/mfa?ticket={ticket}").path == "/sign-in"
    browser.send("/mfa/totp", ticket=ticket, code=app_code(house, key))
    assert browser.status == 409
    assert house.count("sessions") == 1


def test_a_factor_of_another_account_is_worth_nothing(house: House) -> None:
    member(house, backup_codes=True)
    other = sign_up(house, "06 12 34 56 79")
    key = add_app(house, other)
    codes = codes_shown(other)
    house.clock.forward(3600)
    browser = first_step(house)
    assert browser.send("/mfa/totp", code=app_code(house, key)).status == 422
    browser.open(f"/mfa/backup-code?ticket={ticket_of_form(browser)}").send(code=codes[0])
    assert browser.status == 422


def test_the_second_step_is_over_with_its_ticket(house: House) -> None:
    key, _codes = member(house)
    browser = first_step(house)
    house.clock.forward(3601)
    browser.send("/mfa/totp", code=app_code(house, key))
    assert browser.status == 409
    assert "Start again" in browser.text
    done = first_step_again(house)
    ticket = ticket_of(done)
    done.send("/mfa/totp", code=app_code(house, key))
    assert done.open(f"/mfa?ticket={ticket}").path == "/account"
    assert house.sql("SELECT used_at FROM tickets WHERE id = :id", id=ticket)[0].used_at


# Settings change while somebody is on the way.


def test_a_factor_that_is_switched_off_leads_to_another(house: House) -> None:
    house.set(sign_up={"password": True}, sign_in={"phone": "password_or_code"}, second_factors={"policy": "offered"})
    browser = sign_up(house).send(new_password=PASSWORD)
    add_app(house, browser)
    house.clock.forward(3600)
    browser = house.browser().sign_in(NUMBER).send("/sign-in/password", password=PASSWORD)
    assert browser.path == "/mfa"
    assert "Authenticator app" in browser.text
    browser.open(f"/mfa/totp?ticket={ticket_of(browser)}")
    house.set(second_factors={"totp": False})
    browser.send("/mfa/totp", code="123456")
    assert browser.status == 409
    assert "Text message" in browser.text
    assert "Authenticator app" not in browser.text


def test_where_all_are_switched_off_nobody_is_locked_out_and_nobody_gets_in_without_the_first(house: House) -> None:
    member(house)
    browser = first_step(house)
    ticket = ticket_of(browser)
    browser.send("/mfa", ticket=ticket)
    assert browser.path == "/mfa/totp", "it is due"
    house.set(second_factors={"policy": "off"})
    browser.open(f"/mfa?ticket={ticket}")
    assert "No second step is needed" in browser.text
    house.set(second_factors={"policy": "offered"})
    browser.send("/mfa")
    assert browser.path == "/mfa/totp", "it is due again"
    house.set(second_factors={"policy": "off"})
    browser.open(f"/mfa?ticket={ticket}").send("/mfa")
    assert browser.path == "/account"


def test_a_suspended_account_stays_out(house: House) -> None:
    key, _codes = member(house)
    browser = first_step(house)
    house.sql("UPDATE accounts SET suspended_at = 1")
    browser.send("/mfa/totp", code=app_code(house, key))
    assert "suspended" in browser.text
    assert house.count("sessions") == 1


# The choice.


def test_the_factor_used_last_comes_first_and_others_are_offered(house: House) -> None:
    _key, codes = member(house, backup_codes=True)
    browser = first_step(house)
    assert "Use instead: Backup code" in browser.text
    browser.open(f"/mfa/ways?ticket={ticket_of(browser)}")
    assert re.findall(r'wide" href="/mfa/([a-z-]+)\?', browser.page.text) == ["totp", "backup-code"]
    browser.open(f"/mfa/backup-code?ticket={ticket_of(browser)}").send(code=codes[0])
    assert first_step_again(house).path == "/mfa/totp", "a backup code is nobody's habit"


# Trusted browsers.


def test_a_trusted_browser_is_not_asked_for_a_while(house: House) -> None:
    key, _codes = member(house, trusted_days=2)
    browser = first_step(house).send("/mfa/totp", code=app_code(house, key), trust="yes")
    assert "browser_trusted" in events(house)
    browser.send("/sign-out")
    house.clock.forward(3600)
    assert browser.sign_in(NUMBER).type_code().path == "/account"
    assert first_step_again(house).path == "/mfa/totp", "another browser is asked"
    browser.send("/sign-out")
    house.clock.forward(2 * 86400)
    assert browser.sign_in(NUMBER).type_code().path == "/mfa/totp"


def test_trust_is_revoked_by_hand_and_by_a_new_factor(house: House) -> None:
    key, _codes = member(house)
    browser = first_step(house).send("/mfa/totp", code=app_code(house, key), trust="yes")
    assert "Browsers that are not asked" in browser.open("/account/security").text
    browser.send(browser="all")
    assert house.count("trusted_browsers") == 0
    house.clock.forward(3600)
    browser.send("/sign-out").sign_in(NUMBER).type_code()
    assert browser.path == "/mfa/totp"
    browser.send("/mfa/totp", code=app_code(house, key), trust="yes")
    assert house.count("trusted_browsers") == 1
    add_app(house, browser)
    assert house.count("trusted_browsers") == 0


def test_nobody_is_trusted_who_did_not_ask_or_where_it_is_off(house: House) -> None:
    key, _codes = member(house)
    first_step(house).send("/mfa/totp", code=app_code(house, key))
    house.set(second_factors={"trusted_days": 0})
    browser = first_step_again(house)
    assert "Do not ask" not in browser.text
    browser.send("/mfa/totp", code=app_code(house, key), trust="yes")
    assert browser.path == "/account"
    assert house.count("trusted_browsers") == 0


def test_a_trusted_browser_of_one_account_is_none_of_another(house: House) -> None:
    key, _codes = member(house)
    browser = first_step(house).send("/mfa/totp", code=app_code(house, key), trust="yes")
    other = sign_up(house, "06 12 34 56 79")
    add_app(house, other)
    browser.send("/sign-out")
    house.clock.forward(3600)
    assert browser.sign_in("06 12 34 56 79").type_code().path == "/mfa/totp"


# A forgotten password.


def test_a_forgotten_password_asks_for_it_too_and_opens_no_session(house: House) -> None:
    house.set(sign_up={"password": True}, sign_in={"phone": "password_or_code"}, second_factors={"policy": "offered"})
    browser = sign_up(house).send(new_password=PASSWORD)
    key = add_app(house, browser)
    house.clock.forward(3600)
    browser = house.browser().open("/forgot-password").send(country="FR", phone=NUMBER).type_code()
    assert browser.path == "/mfa/totp"
    ticket = ticket_of(browser)
    assert browser.open(f"/forgot-password/new?ticket={ticket}").path == "/mfa/totp"
    browser.send("/mfa/totp", code=app_code(house, key), trust="yes")
    assert browser.path == "/forgot-password/new"
    assert house.count("sessions") == 1
    assert house.count("trusted_browsers") == 0
    browser.send(new_password="five horses on the hill")
    assert browser.open(f"/mfa?ticket={ticket}").path == "/sign-in"
    house.clock.forward(3600)
    browser.sign_in(NUMBER).send("/sign-in/password", password="five horses on the hill")
    assert browser.path == "/mfa"


def test_a_passkey_that_comes_too_late_is_asked_for_again_and_the_step_is_not_over(house: House) -> None:
    member(house)
    house.sql(
        "INSERT INTO factors (id, account_id, kind, name, secret, counter, details, created_at) "
        "SELECT 'key', id, 'passkey', '', '', 0, '{}', 0 FROM accounts"
    )
    browser = first_step(house)
    ticket = ticket_of(browser)
    for asked in ("", "0" * 32):
        browser.open(f"/mfa/passkey?ticket={ticket}").send("/mfa/passkey", asked=asked, credential="{}")
        assert (browser.path, browser.status) == ("/mfa/passkey", 422)
        assert "Try again, or use another way." in browser.text
