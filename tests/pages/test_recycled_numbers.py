"""A number that its operator gave to somebody new: the code to it opens no sleeping account, and the number itself
changes hands once its owner has had notice. Whoever gets it gets nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows import recycled, sign_in
from flows.outcomes import Next
from storage import number_claims
from tests.kit import Browser, House
from tests.pages.factors_kit import add_app, app_code, codes_shown, sign_up
from tests.racing import race

NUMBER, E164, SECOND = "06 12 34 56 78", "+33612345678", "06 98 76 54 32"
ADDRESS, PASSWORD = "ann@example.com", "four horses by the sea"
DAY = 86400
YEAR = 366 * DAY


def give(house: House, kind: str, value: str, country: str = "") -> None:
    """The first account has this too."""
    house.sql(
        "INSERT INTO identifiers (kind, value, account_id, country, verified_at, is_primary) "
        "SELECT :kind, :value, id, :country, 1, :main FROM accounts ORDER BY created_at LIMIT 1",
        kind=kind,
        value=value,
        country=country,
        main=kind != "phone",
    )


def member(house: House, *has: str) -> Browser:
    """Somebody with a number and whatever else is named, who then does not come for over a year."""
    if "password" in has:
        house.set(sign_up={"password": True})
    browser = sign_up(house, NUMBER)
    if "password" in has:
        browser.send(new_password=PASSWORD)
        house.set(sign_up={"password": False})
    if "email" in has:
        give(house, "email", ADDRESS)
    if "number" in has:
        give(house, "phone", "+33698765432", "FR")
    house.clock.forward(YEAR)
    return browser


def newcomer(house: House) -> Browser:
    return house.browser().sign_in(NUMBER).type_code()


def owner(house: House, value: str = E164) -> str | None:
    rows = house.sql("SELECT account_id FROM identifiers WHERE value = :value", value=value)
    return str(rows[0].account_id) if rows else None


def told(house: House, usage: str) -> list[str]:
    rows = house.sql("SELECT recipient FROM messages WHERE usage = :usage ORDER BY recipient", usage=usage)
    return [row.recipient for row in rows]


# Asleep


def test_within_a_year_the_number_alone_opens_the_account(house: House) -> None:
    member(house, "email", "password")
    house.sql("UPDATE accounts SET seen_at = seen_at + :year", year=2 * DAY)
    assert newcomer(house).path == "/account"


def test_an_account_with_nothing_else_opens_by_its_number(house: House) -> None:
    member(house)
    assert newcomer(house).path == "/account"


@pytest.mark.parametrize(
    ("has", "page"), [("email", "/mfa/email"), ("password", "/mfa/password"), ("number", "/mfa/sms")]
)
def test_asleep_for_a_year_it_asks_for_what_else_it_has(house: House, has: str, page: str) -> None:
    member(house, has)
    browser = newcomer(house)
    assert (browser.path, house.count("sessions")) == (page, 1)
    if has == "password":
        browser.send(password="not this one at all")
        assert browser.errors == ["This password is not right. Type it again, or use another way in."]
        browser.send(password=PASSWORD)
    else:
        browser.send(place="0")
        assert browser.path == "/mfa/code"
        browser.type_code("000000")
        assert browser.status == 422
        browser.type_code()
    assert browser.path == "/account"
    house.clock.forward(301)
    assert newcomer(house).path == "/account", "it is awake"


def test_a_number_does_not_prove_itself_a_second_time(house: House) -> None:
    member(house, "number")
    browser = newcomer(house)
    assert "78" not in browser.text.split("text message")[-1]
    browser.send(place="1")
    assert browser.status == 409


def test_an_app_wakes_it_whatever_the_policy_says_today(house: House) -> None:
    house.set(second_factors={"policy": "offered"})
    browser = sign_up(house, NUMBER)
    key = add_app(house, browser)
    assert codes_shown(browser)
    house.set(second_factors={"policy": "off"})
    house.clock.forward(YEAR)
    browser = newcomer(house)
    assert browser.path == "/mfa/totp"
    assert browser.send(code=app_code(house, key)).path == "/account"


def test_where_the_policy_asks_for_an_app_a_password_does_not_do(house: House) -> None:
    house.set(second_factors={"policy": "offered"}, sign_up={"password": True})
    browser = sign_up(house, NUMBER).send(new_password=PASSWORD)
    add_app(house, browser)
    house.clock.forward(YEAR)
    browser = newcomer(house)
    assert browser.path == "/mfa/totp"
    ticket = browser.field("ticket")
    browser.send("/mfa/password", ticket=ticket, password=PASSWORD)
    assert browser.status == 409
    assert house.count("sessions") == 1


def test_a_forgotten_password_is_no_way_round(house: House) -> None:
    house.set(sign_in={"phone": "code_or_password"})
    member(house, "password", "email")
    before = house.sql("SELECT password_hash FROM accounts")[0][0]
    browser = house.browser().open("/forgot-password").send(country="FR", phone=NUMBER).type_code()
    assert browser.path == "/mfa"
    assert "not my account" not in browser.text
    ticket = browser.open("/mfa/password?" + browser.page.request.query_string.decode()).field("ticket")
    browser.send("/mfa/password", ticket=ticket, password="a guess that is wrong")
    browser.open(f"/forgot-password/new?ticket={ticket}")
    assert browser.path.startswith("/mfa")
    assert house.sql("SELECT password_hash FROM accounts")[0][0] == before


def test_a_code_by_e_mail_wakes_an_account_by_its_own_purpose_only(house: House) -> None:
    """The codes of two sleeping accounts, and of two steps, are worth nothing in one another."""
    member(house, "email")
    browser = newcomer(house)
    first_code = house.newest_code()
    browser.send(place="0").type_code(first_code)
    assert browser.status == 422


def test_zero_days_let_every_account_in(house: House) -> None:
    house.set(recycled_numbers={"asleep_days": 0})
    member(house, "email", "password")
    assert newcomer(house).path == "/account"


# The number changes hands


def claim(house: House) -> Browser:
    browser = newcomer(house)
    ticket = browser.page.request.args["ticket"]
    browser.open(f"/mfa/new-owner?ticket={ticket}")
    assert "This is not my account" in browser.text
    return browser.send("/mfa/new-owner")


def test_its_owner_is_told_first_and_nothing_changes_hands_that_day(house: House) -> None:
    member(house, "email")
    first = owner(house)
    browser = claim(house)
    assert "has been told" in browser.text
    assert (owner(house), house.count("accounts"), house.count("sessions")) == (first, 1, 1)
    assert told(house, "notice_number_claimed") == [ADDRESS]
    for days in (0, 13):
        house.clock.forward(days * DAY + 301)
        again = claim(house) if days == 0 else newcomer(house)
        ticket = house.sql("SELECT id FROM tickets ORDER BY created_at DESC")[0].id
        again.open(f"/mfa/new-owner?ticket={ticket}")
        assert "Make a new account" not in again.text
        again.client.post("/mfa/new-owner", data={"ticket": ticket})
    assert (owner(house), house.count("accounts")) == (first, 1)
    assert told(house, "notice_number_claimed") == [ADDRESS], "told once"


def test_after_its_days_whoever_proves_the_number_again_gets_it_and_nothing_else(house: House) -> None:
    old_session = member(house, "email", "password")
    first = owner(house)
    claim(house)
    house.clock.forward(15 * DAY)
    browser = claim(house)
    assert (browser.path, house.count("accounts")) == ("/account", 2)
    second = owner(house)
    assert second not in (None, first)
    assert owner(house, ADDRESS) == first
    assert house.sql("SELECT password_hash FROM accounts WHERE id = :id", id=second)[0][0] is None
    assert told(house, "notice_contact_changed") == [ADDRESS]
    assert old_session.page is not None
    house.clock.forward(301)
    assert newcomer(house).path == "/account"
    kinds = {row.kind for row in house.sql("SELECT kind FROM events WHERE account_id = :id", id=first)}
    assert {"phone_claimed", "phone_released"} <= kinds


@pytest.mark.parametrize("way", ["signs in", "proves it"])
def test_who_still_has_the_number_keeps_it(house: House, way: str) -> None:
    house.set(sessions={"days": 365}, recycled_numbers={"asleep_days": 30})
    browser = sign_up(house, NUMBER)
    give(house, "email", ADDRESS)
    first = owner(house)
    house.clock.forward(40 * DAY)
    claim(house)
    house.clock.forward(301)
    if way == "signs in":
        assert newcomer(house).send(place="0").type_code().path == "/account"
    else:
        browser.open("/account/phones")
        assert "Somebody else has proved this number" in browser.text
        mine = browser.contact(0)
        browser.send("/account/phones", place=mine, action="prove")
        assert browser.path == "/account/prove", "a fresh proof first"
        browser.send("/account/prove/send", place="0").type_code()
        house.clock.forward(301)
        browser.open("/account/phones").send("/account/phones", place=mine, action="prove").type_code()
        assert browser.path == "/account/phones"
        assert "Somebody else has proved" not in browser.text
    assert house.count("number_claims") == 0
    house.clock.forward(50 * DAY)
    newcomer(house)
    assert owner(house) == first


def test_a_claim_that_nobody_came_back_for_is_made_anew(house: House) -> None:
    member(house, "email")
    first = owner(house)
    claim(house)
    house.clock.forward(50 * DAY)
    assert "has been told" in claim(house).text
    assert owner(house) == first
    assert told(house, "notice_number_claimed") == [ADDRESS, ADDRESS]


@pytest.mark.parametrize("settings", [{"recycled_numbers": {"release_days": 0}}, {"sign_up": {"enabled": False}}])
def test_where_it_is_off_nobody_is_offered_it(house: House, settings: dict[str, dict[str, object]]) -> None:
    member(house, "email")
    house.set(**settings)
    browser = newcomer(house)
    assert browser.path == "/mfa/email"
    assert "not my account" not in browser.text
    ticket = browser.field("ticket")
    browser.send("/mfa/new-owner", ticket=ticket)
    assert browser.status == 403
    assert house.count("number_claims") == 0


def test_a_suspended_account_gives_no_number_away(house: House) -> None:
    member(house, "email")
    claim(house)
    house.clock.forward(15 * DAY)
    browser = newcomer(house)
    house.sql("UPDATE accounts SET suspended_at = 1")
    browser.send("/mfa/new-owner", ticket=browser.field("ticket"))
    assert house.count("accounts") == 1
    assert owner(house)


def test_no_step_is_skipped_on_the_way_to_a_number(house: House) -> None:
    """A ticket whose number is not proved, or that is somebody else's, claims nothing."""
    member(house, "email")
    browser = house.browser().sign_in(NUMBER)
    browser.send("/mfa/new-owner", ticket=browser.field("ticket"))
    assert house.count("number_claims") == 0
    mine = newcomer(house) if house.clock.forward(301) is None else browser
    browser.open("/sign-in").send("/mfa/new-owner", ticket=mine.field("ticket"))
    assert house.count("number_claims") == 0


# From inside another account


def test_from_another_account_the_same_days_hold(house: House) -> None:
    member(house, "email")
    first = owner(house)
    other = sign_up(house, SECOND)
    house.clock.forward(301)
    other.open("/account/phones/add").send(country="FR", phone=NUMBER).type_code()
    assert "belongs to another account" in other.text
    assert "in 14 days" in other.text
    assert (owner(house), told(house, "notice_number_claimed")) == (first, [ADDRESS])
    house.clock.forward(15 * DAY)
    other.open("/account/phones/add")
    other.send("/account/prove/send", place="0").type_code()
    other.open("/account/phones/add").send(country="FR", phone=NUMBER).type_code()
    assert other.path == "/account/phones"
    assert owner(house) == owner(house, "+33698765432") != first


def test_signing_up_with_the_number_is_no_way_round(house: House) -> None:
    member(house, "email")
    browser = house.browser().open("/sign-up").send(country="FR", phone=NUMBER).type_code()
    assert (browser.path, house.count("sessions")) == ("/mfa/email", 1)
    ticket = browser.field("ticket")
    browser.send("/mfa/new-owner", ticket=ticket)
    assert "has been told" in browser.text
    house.clock.forward(15 * DAY)
    browser = house.browser().open("/sign-up").send(country="FR", phone=NUMBER).type_code()
    browser.send("/mfa/new-owner", ticket=browser.field("ticket"))
    assert (browser.path, house.count("accounts")) == ("/account", 2)


# Two at once


def take(house: House, share: tuple[str, str]) -> str:
    name, ticket = share
    return type(recycled.take(house.services, house.visitor(name), ticket)).__name__


def whoever_asks_takes() -> None:
    """A broken build: a claim is looked at, and not spent."""
    number_claims.take = lambda *_arguments: True  # type: ignore[assignment]


def come_at_once(house: House, tmp_path: Path, breaking: str = "") -> list[str]:
    """Three who have proved the number, on the day when it may be had."""
    house.set(limits={"resend_waits": ["0"]})
    member(house, "email")
    house.sql("UPDATE accounts SET seen_at = 1, created_at = 1")
    house.clock.ahead = 0  # the processes that race have the time of today
    claim(house)
    house.sql("UPDATE number_claims SET release_at = 1")
    shares = []
    for name in ("one", "two", "three"):
        begun = sign_in.start(house.services, house.visitor(name), NUMBER, "FR")
        assert isinstance(begun, Next)
        proved = sign_in.check_code(house.services, house.visitor(name), begun.ticket, house.newest_code())
        assert isinstance(proved, Next)
        shares.append((name, proved.ticket))
    return race(house.database_url, tmp_path / "instance", f"{__name__}:take", shares, breaking)


def test_of_several_who_come_for_the_number_at_once_one_gets_it(house: House, tmp_path: Path) -> None:
    answers = come_at_once(house, tmp_path)
    assert answers.count("SignedIn") == 1, answers
    assert house.count("accounts") == 2
    assert owner(house) != owner(house, ADDRESS)
    assert told(house, "notice_contact_changed") == [ADDRESS], "told once"


def test_the_race_is_lost_by_a_build_that_only_looks(house: House, tmp_path: Path) -> None:
    assert come_at_once(house, tmp_path, f"{__name__}:whoever_asks_takes").count("SignedIn") > 1
