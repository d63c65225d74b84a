"""Walks over pages that one person alone does not come by: sleeping accounts, too many tries, other providers and
organisations. Who is there is set up without a window, and let in at the page that is looked at."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from storage import factors
from storage.factors import PASSKEY, Factor
from tests.browser.here import Here
from tests.browser.walk import OTHER_PASSWORD, PASSWORD, Stop, follow, main_button, newest_code, submit
from tests.kit import House
from tests.oidc.kit import account_id, add_shop, random_id
from tests.oidc.test_organizations import add_organization, give, put_in
from tests.pages.factors_kit import first_step, member, sign_up
from tests.pages.test_challenge import pin
from tests.pages.test_invitations import invite, newest_link
from tests.upstream.kit import elsewhere, offer

ASLEEP, WITH_APP, NAMED, GUEST, UNSURE, KNOWN = (f"06 77 00 00 {place}" for place in range(10, 16))
ADDRESS, OTHER = "ann@example.com", "bob@example.com"


def open_wide(house: House) -> None:
    """What the walks before have left behind must not be in the way."""
    house.set(
        sign_up={"enabled": True, "identifier": "phone", "password": False, "terms_url": "", "privacy_url": ""},
        sign_in={"enabled": True, "phone": "code_or_password", "email": "code", "username": "off", "passkey": False},
        forgot_password={"phone": True, "email": True},
        second_factors={"policy": "off"},
        connectors={"active": "development", "standby": "", "email": "development"},
        application={"help_url": "https://help.example.com"},
        limits={"resend_waits": ["0"]},
    )


def offered(page: Page, server: Here, house: House, stop: Stop) -> None:
    """A second factor is offered; then it is asked for, and shown wrong too often, or too late."""
    open_wide(house)
    house.set(second_factors={"policy": "offered"})
    server.show(page, sign_up(house, UNSURE))
    stop(page, "mfa_offer")
    follow(page, "mfa/enrol")
    stop(page, "mfa_enrol_offered")
    add_passkey(house)
    house.sql("UPDATE sessions SET proved_at = 1")
    page.goto(server.url + "/account/prove")
    stop(page, "account_prove_passkey")
    member(house, WITH_APP, backup_codes=True)
    server.show(page, first_step(house, WITH_APP))
    for _ in range(5):
        submit(page, "#code", "000000")
    stop(page, "mfa_too_many")
    add_passkey(house)
    browser = first_step(house, WITH_APP)
    ticket = browser.page.request.args["ticket"]
    server.show(page, browser.open(f"/mfa/passkey?ticket={ticket}"))
    stop(page, "mfa_passkey")
    with page.expect_navigation():
        page.evaluate("document.querySelector('form[data-passkey]').submit()")
    stop(page, "mfa_passkey_error")
    page.goto(f"{server.url}/mfa/passkey?ticket={ticket}")
    house.sql("UPDATE tickets SET expires_at = 1")
    with page.expect_navigation():
        page.evaluate("document.querySelector('form[data-passkey]').submit()")
    stop(page, "mfa_over")


def add_passkey(house: House) -> None:
    """For who has signed up last."""
    owner = account_id(house)
    key = Factor(random_id(), owner, PASSKEY, "", "a key", 1, details={"verified": True})
    with house.services.database.write() as connection:
        factors.add(connection, key)


def late(page: Page, server: Here, house: House, stop: Stop) -> None:
    """A new password that comes too late."""
    open_wide(house)
    browser = house.browser().open("/forgot-password").send(phone=WITH_APP, country="FR").type_code()
    server.show(page, browser)
    house.sql("UPDATE tickets SET proved_at = 1")
    submit(page, "#new_password", OTHER_PASSWORD)
    stop(page, "forgot_password_over")


def asleep(page: Page, server: Here, house: House, stop: Stop) -> None:
    """Nobody has signed in for long: the number may be lost, or somebody else's by now."""
    open_wide(house)
    house.set(sign_up={"password": True})
    sign_up(house, ASLEEP).send(new_password=PASSWORD).open("/account/emails/add").send(email=ADDRESS).type_code()
    house.sql("UPDATE accounts SET seen_at = 1, created_at = 1 WHERE id = :id", id=account_id(house))
    server.show(page, house.browser().sign_in(ASLEEP))
    follow(page, "lost-number")
    stop(page, "sign_in_lost_number")
    page.go_back()
    submit(page, "#code", newest_code(house))
    stop(page, "mfa_ways_asleep")
    ways = page.url
    follow(page, "/mfa/email")
    stop(page, "mfa_email")
    main_button(page)
    stop(page, "mfa_code_email")
    submit(page, "#code", "000000")
    stop(page, "mfa_code_email_error")
    page.goto(ways)
    follow(page, "/mfa/password")
    stop(page, "mfa_password")
    submit(page, "#password", "not this one at all")
    stop(page, "mfa_password_error")
    page.goto(ways)
    follow(page, "/mfa/new-owner")
    stop(page, "mfa_new_owner")
    main_button(page)
    stop(page, "mfa_new_owner_told")
    house.sql("UPDATE number_claims SET release_at = 1")
    page.reload()
    stop(page, "mfa_new_owner_free")


def named(page: Page, server: Here, house: House, stop: Stop) -> None:
    """A username: chosen at sign-up, asked for later, changed."""
    open_wide(house)
    server.show(page, sign_up(house, NAMED))
    house.sql("UPDATE sessions SET pending = :yes", yes=True)
    page.goto(server.url + "/complete")
    stop(page, "complete_done")
    house.set(
        sign_up={"identifier": "username", "password": True},
        sign_in={"phone": "code", "username": "password"},
    )
    page.goto(server.url + "/complete")
    stop(page, "complete_username")
    submit(page, "#username", "a")
    stop(page, "complete_username_error")
    submit(page, "#username", "ann.of.the.very.long.name")
    submit(page, "#new_password", PASSWORD)
    page.goto(server.url + "/account/username")
    stop(page, "account_username")
    submit(page, "#username", "a")
    stop(page, "account_username_error")
    page.context.clear_cookies()
    page.goto(server.url + "/sign-up")
    stop(page, "sign_up_name")
    page.fill("#new_password", "short")
    submit(page, "#username", "ann.of.the.very.long.name")
    stop(page, "sign_up_name_error")


def from_elsewhere(page: Page, server: Here, house: House, stop: Stop) -> None:
    """With an account at another provider, whose address an account of ours has already."""
    open_wide(house)
    house.set(sign_up={"identifier": "phone_or_email"})
    sign_up(house, KNOWN).open("/account/emails/add").send(email=OTHER).type_code()
    page.context.clear_cookies()
    with elsewhere(claims={"sub": "bob", "email": OTHER, "email_verified": True}) as provider:
        offer(house, provider.url)
        page.goto(server.url + "/sign-up")
        stop(page, "sign_up_upstream")
        page.goto(server.url + "/sign-in")
        stop(page, "sign_in_upstream")
        page.route("**/authorize?*", lambda route: route.fulfill(status=204))  # so it stays for a look
        with page.expect_navigation():
            page.locator(".upstream").click()
        stop(page, "upstream_start")
        page.unroute("**/authorize?*")
        page.locator("main .primary").click()

        page.wait_for_url("**/linking/ask?*")
        stop(page, "linking_ask")
        main_button(page)
        stop(page, "linking_code")
        submit(page, "#code", "000000")
        stop(page, "linking_code_error")
        page.goto(server.url + "/upstream/openid/arrive?code=1&state=2")
        stop(page, "upstream_arrive")
        server.show(page, house.browser().open("/sign-in").send(phone=OTHER).type_code())
        page.goto(server.url + "/account/linked")
        stop(page, "account_linked")
        page.goto(server.url + "/upstream/openid/arrive?code=1&state=2")
        stop(page, "upstream_arrive_linking")
    house.set(upstreams={"offered": []})


def asked(page: Page, server: Here, house: House, link: str, stop: Stop) -> None:
    """Back from a challenge that was not solved."""
    house.set(guard={"mode": "on"})
    pin(house, "challenge")
    path = link.removeprefix(server.url)
    browser = house.browser().open(path).send(path)
    back = re.search(r'href="(/invitation/ask[^"]*)"', browser.page.text)
    assert back
    server.show(page, browser.open(back[1]))
    stop(page, "invitation_ask")
    pin(house, "")
    house.set(guard={"mode": "off"})


def belonging(page: Page, server: Here, house: House, stop: Stop) -> None:
    """Invited to an organisation, a member of it, and back at an application for it."""
    open_wide(house)
    page.context.clear_cookies()
    acme = add_organization(house, name="Acme Rockets and Anvils of the North")
    assert isinstance(invite(house, acme, "+33" + GUEST.replace(" ", "")[1:]), str)
    link = server.url + newest_link(house)
    asked(page, server, house, link, stop)
    page.context.clear_cookies()
    page.goto(link)
    stop(page, "invitation_open")
    main_button(page)
    stop(page, "invitation_code")
    submit(page, "#code", "000000")
    stop(page, "invitation_code_error")
    submit(page, "#code", newest_code(house))
    stop(page, "account_organizations")
    for path, name in ((link, "accepted"), (server.url + "/i/" + "x" * 22, "over")):
        page.goto(path)
        stop(page, f"invitation_{name}")
    page.goto(server.url + "/invitation")
    stop(page, "invitation_not_mine")
    give(house, acme, account_id(house), "admin")
    put_in(house, add_organization(house, name="Bolt"), account_id(house), "reader")
    page.goto(f"{server.url}/account/organizations/{acme}/invitations")
    stop(page, "account_invitations")
    submit(page, "#to", "12")
    stop(page, "account_invitations_error")
    shop = add_shop(house, organizations="offered")
    page.goto(server.url + shop.url())
    stop(page, "openid_organization")
    page.goto(f"{server.url}/openid/not-signed-in?client_id={shop.client_id}")
    stop(page, "openid_not_signed_in")
    page.goto(server.url + add_shop(house).url(response_mode="web_message"))
    stop(page, "openid_answer")


SIDES = (from_elsewhere, offered, late, asleep, named, belonging)
