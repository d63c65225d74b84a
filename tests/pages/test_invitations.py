"""Somebody is invited, opens the link, accepts it by a code to their number, and joins."""

from __future__ import annotations

import re
from typing import Any

import pytest

from flows import invitations, organizations
from flows.invitations import Inviter
from flows.outcomes import Refused
from tests.api.kit import manage_program, reason
from tests.kit import Browser, House
from tests.oidc.kit import NUMBER, account_id, signed_in
from tests.oidc.test_organizations import add_organization, give, put_in
from tests.pages.test_challenge import pin, solve
from tests.pages.test_console import in_console

TO, OTHER = "+33612345678", "+33687654321"
ADA = Inviter("ada", "", whole=True)


def invite(house: House, acme: str, to: str = TO, *roles: str, by: Inviter = ADA) -> Any:
    found = organizations.find(house.services, acme)
    assert found
    return invitations.invite(house.services, house.visitor(), by, found, to, "", roles)


def newest_link(house: House) -> str:
    house.deliver()
    found = re.search(r"https?://\S+(/i/[A-Za-z0-9_-]{22})\b", house.texts()[0])
    assert found, house.texts()[0]
    return found[1]


def invited(house: House, **values: Any) -> tuple[str, str]:
    """An organisation and the link of an invitation to it."""
    acme = add_organization(house, **values)
    assert isinstance(invite(house, acme), str)
    return acme, newest_link(house)


def accept(browser: Browser, link: str) -> Browser:
    browser.open(link).send(link)
    assert browser.path == "/invitation/code", browser.text
    return browser.type_code()


def members(house: House) -> list[tuple[str, str]]:
    rows = house.sql(
        """SELECT i.value, m.roles FROM organization_members m JOIN identifiers i ON i.account_id = m.account_id
        WHERE m.left_at IS NULL"""
    )
    return sorted((row.value, row.roles) for row in rows)


def test_a_stranger_accepts_signs_up_by_it_and_belongs(house: House) -> None:
    _acme, link = invited(house, logo_url="https://acme.example/logo.png")
    assert "invited to join Acme: http" in house.texts()[0]
    browser = house.browser().open(link)
    assert "Join Acme?" in browser.text
    assert "It ends in 1 week." in browser.text
    assert 'src="https://acme.example/logo.png"' in browser.page.text
    assert "img-src 'self' https://acme.example " in browser.page.headers["Content-Security-Policy"]
    assert "ending in 78" in browser.text
    accept(browser, link)
    assert browser.path == "/account/organizations"
    assert "Acme" in browser.text
    assert members(house) == [(TO, "reader")]


def test_also_where_sign_up_is_by_invitation_only_and_not_where_it_is_off_for_all(house: House) -> None:
    house.set(sign_up={"enabled": False})
    _acme, link = invited(house)
    assert house.browser().open("/sign-up").status == 403
    assert accept(house.browser(), link).path == "/account/organizations"
    house.set(sign_up={"by_invitation": False})
    house.clock.forward(31)
    acme = add_organization(house, name="Bolt")
    invite(house, acme, OTHER)
    browser = house.browser()
    link = newest_link(house)
    browser.open(link).send(link)
    browser.type_code()
    assert "Sign in first" in browser.errors[0]
    assert members(house) == [(TO, "reader")]


def test_opening_it_changes_nothing_however_often(house: House) -> None:
    _acme, link = invited(house)
    before = house.sql("SELECT * FROM invitations"), house.count("messages"), house.count("tickets")
    for _ in range(3):
        client = house.app.test_client()
        assert client.get(link, headers={"User-Agent": "WhatsApp/2.23"}).status_code == 200
        assert client.head(link).status_code == 200
    assert (house.sql("SELECT * FROM invitations"), house.count("messages"), house.count("tickets")) == before


def test_no_secret_is_in_the_database_and_a_wrong_one_opens_nothing(house: House) -> None:
    _acme, link = invited(house)
    secret = link.removeprefix("/i/")
    for table in ("invitations", "invitation_links", "messages"):
        assert secret not in str(house.sql(f"SELECT * FROM {table}"))  # noqa: S608 - a test's own word
    for wrong in (secret[:-1] + ("A" if secret[-1] != "A" else "B"), "x", "x" * 200):
        browser = house.browser().open(f"/i/{wrong}")
        assert browser.status == 404
        assert "There is no such invitation" in browser.text


def test_forwarded_to_another_phone_it_is_worth_nothing(house: House) -> None:
    """Whoever opens it, the code goes to the number that was invited."""
    _acme, link = invited(house)
    stranger = house.browser().open(link).send(link)
    house.deliver()
    assert {row.recipient for row in house.sql("SELECT recipient FROM messages")} == {TO}
    for guess in ("000000", "111111"):
        stranger.send("/invitation/code", code=guess)
    assert "not the right code" in stranger.errors[0]
    assert stranger.open("/account").path == "/sign-in"
    assert members(house) == []


def test_who_is_signed_in_to_another_account_is_told_and_joins_with_the_invited_one(house: House) -> None:
    other = signed_in(house, "06 87 65 43 21")
    _acme, link = invited(house)
    other.open(link)
    assert "You are signed in to another account" in other.text
    accept(other, link)
    assert members(house) == [(TO, "reader")]
    assert other.open("/account").page.status_code == 200
    assert "78" in other.text


def test_who_is_signed_in_already_stays_so_and_proves_the_number_again(house: House) -> None:
    browser = signed_in(house)
    _acme, link = invited(house)
    sessions = house.count("sessions")
    house.clock.forward(31)
    accept(browser, link)
    assert browser.path == "/account/organizations"
    assert house.count("sessions") == sessions
    assert members(house) == [(TO, "reader")]


def test_opened_a_second_time_it_says_to_each_what_became_of_it(house: House) -> None:
    _acme, link = invited(house)
    browser = accept(house.browser(), link)
    assert "You belong to Acme" in browser.open(link).text
    stranger = house.browser().open(link)
    assert stranger.status == 410
    assert "This invitation has been used" in stranger.text
    assert "Acme" not in stranger.text


def test_after_it_has_expired_or_was_withdrawn_the_page_says_so_and_nobody_joins(house: House) -> None:
    acme, link = invited(house)
    browser = house.browser().open(link).send(link)
    house.deliver()
    code = house.newest_code()
    [row] = house.sql("SELECT id FROM invitations")
    invitations.withdraw(house.services, ADA, organizations.find(house.services, acme), row.id)  # type: ignore[arg-type]
    browser.send("/invitation/code", code=code)
    assert browser.status == 410
    assert "This invitation is over" in browser.errors[0]
    assert "was withdrawn" in house.browser().open(link).text
    house.clock.forward(301)
    assert isinstance(invite(house, acme), str), "a new one takes its place"
    link = newest_link(house)
    house.clock.forward(7 * 86400)
    expired = house.browser().open(link)
    assert "This invitation has expired" in expired.text
    assert expired.status == 410
    assert members(house) == []


def test_a_second_factor_is_asked_for_before_anybody_joins(house: House) -> None:
    house.set(second_factors={"policy": "offered", "sms": False}, sign_in={"phone": "code_or_password"})
    browser = signed_in(house)
    house.sql(
        """INSERT INTO factors (id, account_id, kind, name, secret, counter, details, created_at)
        VALUES ('1', :account, 'totp', '', '', 0, '{}', 0)""",
        account=account_id(house),
    )
    house.clock.forward(31)
    _acme, link = invited(house)
    browser = accept(house.browser(), link)
    assert browser.path.startswith("/mfa")
    assert members(house) == []


def test_it_is_sent_again_after_a_wait_and_both_links_are_good(house: House) -> None:
    acme, first = invited(house)
    [row] = house.sql("SELECT id FROM invitations")
    found = organizations.find(house.services, acme)
    assert found
    early = invitations.send_again(house.services, house.visitor(), ADA, found, row.id)
    assert isinstance(early, Refused)
    assert (early.reason, early.wait) == ("invited_just_now", 30)
    refused = invite(house, acme)
    assert isinstance(refused, Refused)
    assert refused.reason == "already_invited"
    for wait in (31, 61, 121, 301):
        house.clock.forward(wait)
        again = invitations.send_again(house.services, house.visitor(), ADA, found, row.id)
        assert not isinstance(again, Refused), again
    house.clock.forward(301)
    last = invitations.send_again(house.services, house.visitor(), ADA, found, row.id)
    assert isinstance(last, Refused)
    assert last.reason == "invited_enough"
    second = newest_link(house)
    assert second != first
    assert "Join Acme?" in house.browser().open(first).text
    accept(house.browser(), second)
    assert "This invitation has been used" in house.browser().open(first).text


def test_limits_and_lists_hold_for_invitations_too(house: House) -> None:
    house.set(limits={"number_day": 1}, exceptions={"blocked_numbers": [OTHER]})
    acme, bolt = add_organization(house), add_organization(house, name="Bolt")
    assert isinstance(invite(house, acme), str)
    house.clock.forward(301)
    for refused, expected in ((invite(house, bolt), "too_many_messages"), (invite(house, bolt, OTHER), "blocked")):
        assert isinstance(refused, Refused)
        assert refused.reason == expected
    assert house.count("invitations") == 1


def test_by_email_where_that_is_no_way_in_one_signs_in_first(house: House) -> None:
    house.set(connectors={"email": "development"})
    acme = add_organization(house)
    invite(house, acme, "ann@example.com")
    link = newest_link(house)
    browser = house.browser().open(link).send(link)
    assert "Sign in first" in browser.text
    browser = signed_in(house)
    house.sql(
        """INSERT INTO identifiers (kind, value, account_id, country, verified_at)
        VALUES ('email', 'ann@example.com', :account, '', 1)""",
        account=account_id(house),
    )
    accept(browser, link)
    assert browser.path == "/account/organizations"


def test_a_member_with_the_right_invites_and_one_without_finds_no_page(house: House) -> None:
    browser = signed_in(house, NUMBER)
    acme, ann = add_organization(house), account_id(house)
    put_in(house, acme, ann, "reader")
    page = f"/account/organizations/{acme}/invitations"
    assert browser.open(page).status == 404
    give(house, acme, ann, "admin")
    assert "Invite people" in browser.open("/account/organizations").text
    browser.open(page).send(page, action="invite", to="nonsense")
    assert browser.status == 422
    browser.send(page, action="invite", to=OTHER)
    assert browser.status == 200, browser.text
    assert OTHER not in browser.page.text
    assert "6 87 65 43 21" not in browser.text
    link = newest_link(house)
    assert "invites you to join Acme" in house.browser().open(link).text
    browser.send(page, action="withdraw", invitation=browser.field("invitation"))
    assert "withdrawn" in browser.text


def test_the_console_and_programs_invite_too(house: House) -> None:
    acme = add_organization(house)
    browser = in_console(house).open(f"/admin/organizations/{acme}/invitations")
    browser.send(browser.path, action="invite", to=TO, roles="editor")
    assert "+33 6 12 34 56 78" in browser.text
    assert "editor" in browser.text
    house.deliver()
    assert "sent" in browser.open(browser.path).text
    browser.send(browser.path, action="again", invitation=browser.field("invitation"))
    assert "We have just sent an invitation" in browser.errors[0]
    accept(house.browser(), newest_link(house))
    assert members(house) == [(TO, "editor")]
    program = manage_program(house, "organizations")
    place = f"/organizations/{acme}/invitations"
    house.clock.forward(61)
    assert reason(program.post(place, {"to": TO})) == "member_already"
    made = program.post(place, {"to": OTHER, "roles": ["editor"]})
    assert made.status_code == 201, made.text
    assert {each["state"] for each in program.get(place).json["items"]} == {"accepted", "waiting"}
    assert program.post(f"{place}/{made.json['id']}/withdraw").status_code == 204
    assert reason(program.post(f"{place}/{made.json['id']}/send")) == "invited_just_now"


@pytest.mark.parametrize(
    ("values", "joins"),
    [
        ({"join_countries": ["FR"]}, True),
        ({"join_countries": ["DE"]}, False),
        ({"join_blocks": ["+336123"]}, True),
        ({"join_blocks": ["+336124"]}, False),
        ({"join_domains": ["example.com"]}, False),
    ],
)
def test_some_join_by_themselves_as_they_sign_in(house: House, values: dict[str, Any], joins: bool) -> None:
    acme = add_organization(house, **values)
    browser = signed_in(house)
    assert ("Acme" in browser.open("/account/organizations").text) is joins
    if joins:
        assert members(house) == [(TO, "reader")]
        browser.send("/account/organizations", organization=acme)
        browser.send("/sign-out")
        house.clock.forward(31)
        browser.sign_in(NUMBER).type_code()
        assert "Acme" not in browser.open("/account/organizations").text, "who left stays out"


def test_by_the_domain_of_a_proved_address_alone(house: House) -> None:
    house.set(
        connectors={"email": "development"}, sign_up={"identifier": "email"}, sign_in={"phone": "off", "email": "code"}
    )
    add_organization(house, join_domains=["example.com"])
    for address in ("ann@example.com", "bob@notexample.com", "eve@example.com.evil.org"):
        browser = house.browser().open("/sign-up").send(email=address)
        browser.type_code()
    assert members(house) == [("ann@example.com", "reader")]


def test_who_is_challenged_goes_on_by_a_ticket_and_the_secret_is_kept_nowhere(house: House) -> None:
    _acme, link = invited(house)
    house.set(guard={"mode": "on"})
    pin(house, "challenge")
    browser = house.browser().open(link).send(link)
    assert browser.path == "/challenge"
    kept = house.sql("SELECT path, form FROM challenges")
    assert [row.path for row in kept] == ["/invitation/send"]
    assert link.rpartition("/")[2] not in kept[0].form + browser.page.text
    challenge, back = browser.page, re.search(r'href="(/invitation/ask[^"]*)"', browser.page.text)
    assert back
    assert "ending in 78" in browser.open(back[1]).text
    browser.page = challenge
    assert solve(browser).path == "/invitation/code"
    assert browser.type_code().path == "/account/organizations"
    assert members(house) == [(TO, "reader")]
