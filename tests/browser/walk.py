"""Walks over every page of people and every error of it. At each stop ``stop(page, name)`` looks at the page.

Both the tests and the pictures go the same ways.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from playwright.sync_api import Page

from rules import totp
from tests.browser.here import Here
from tests.browser.test_browser import NUMBER
from tests.kit import House
from tests.oidc.kit import add_shop, challenge

PASSWORD = "four horses by the sea"
OTHER_PASSWORD = "nine otters under a bridge"
FORGETFUL, THIRD = "06 12 34 56 79", "06 12 34 56 80"
Stop = Callable[[Page, str], None]


def newest_code(house: House) -> str:
    return house.codes()[0]


def main_button(page: Page) -> None:
    """Whatever the page's language, its one primary button."""
    with page.expect_navigation():
        page.locator("main .primary").first.click()


def submit(page: Page, box: str, typed: str) -> None:
    page.fill(box, typed)
    main_button(page)


def follow(page: Page, address: str) -> None:
    """A link of the page by a part of its address."""
    with page.expect_navigation():
        page.locator(f"main a[href*='{address}']").first.click()


def door(page: Page, server: Here, house: House, stop: Stop) -> None:
    """Sign up and in with a number and a code, as a new installation has it."""
    page.goto(server.url + "/sign-up")
    stop(page, "sign_up")
    page.goto(server.url + "/sign-in")
    stop(page, "sign_in")
    submit(page, "#phone", "12")
    stop(page, "sign_in_error")
    page.select_option("#country", "FR")
    submit(page, "#phone", NUMBER)
    stop(page, "code")
    submit(page, "#code", "000000")
    stop(page, "code_error")
    submit(page, "#code", "12ab")
    stop(page, "code_letters")
    submit(page, "#code", newest_code(house))
    stop(page, "create_account")
    main_button(page)
    stop(page, "account")
    with page.expect_navigation():
        page.locator("main .entries form button").click()
    stop(page, "account_number_shown")
    for path in ("account/sessions", "account/events", "account/applications", "nowhere", "dev/messages"):
        page.goto(f"{server.url}/{path}")
        stop(page, path.replace("/", "_"))


def sign_out(page: Page, server: Here, _house: House, stop: Stop) -> None:
    page.goto(server.url + "/account")
    with page.expect_navigation():
        page.locator("main form[action='/sign-out'] button").click()
    stop(page, "signed_out")


def forgotten(page: Page, server: Here, house: House, stop: Stop) -> None:
    """One box for everything; a password chosen, asked for, forgotten and set anew; a username and terms asked for."""
    house.set(
        sign_up={
            "identifier": "phone_or_email",
            "password": True,
            "terms_url": "https://example.com/terms",
            "privacy_url": "https://example.com/privacy",
        },
        sign_in={"phone": "password_or_code", "email": "code_or_password", "username": "password"},
        limits={"resend_waits": ["0"]},
    )
    page.goto(server.url + "/sign-up")
    stop(page, "sign_up_one_box")
    submit(page, "#phone", "what is this")
    stop(page, "sign_up_one_box_error")
    page.select_option("#country", "FR")
    submit(page, "#phone", FORGETFUL)
    stop(page, "sign_up_code")
    submit(page, "#code", newest_code(house))
    while "/complete" in page.url:
        stop(page, page.url.rpartition("/complete")[2].replace("/", "complete_"))
        if page.locator("#new_password").count():
            submit(page, "#new_password", "password12345678")
            stop(page, "complete_password_error")
            submit(page, "#new_password", PASSWORD)
        else:
            main_button(page)
    sign_out(page, server, house, stop)
    page.goto(server.url + "/sign-in")
    stop(page, "sign_in_one_box")
    page.select_option("#country", "FR")
    submit(page, "#phone", FORGETFUL)
    stop(page, "password")
    submit(page, "#password", "wrong")
    stop(page, "password_error")
    follow(page, "forgot-password")
    stop(page, "forgot_password")
    submit(page, "#phone", "")
    stop(page, "forgot_password_error")
    page.select_option("#country", "FR")
    submit(page, "#phone", FORGETFUL)
    stop(page, "forgot_password_code")
    submit(page, "#code", newest_code(house))
    stop(page, "new_password")
    submit(page, "#new_password", "x" * 20)
    stop(page, "new_password_error")
    submit(page, "#new_password", OTHER_PASSWORD)
    stop(page, "sign_in_told")


def enrolment(page: Page, server: Here, house: House, stop: Stop) -> None:
    """Second steps are required: set up by somebody new, then listed and changed."""
    house.set(
        sign_up={"identifier": "phone", "password": True, "terms_url": "", "privacy_url": ""},
        sign_in={"phone": "password_or_code", "email": "off", "username": "off", "passkey": True},
        second_factors={"policy": "required"},
        limits={"resend_waits": ["0"]},
    )
    page.context.clear_cookies()
    page.goto(server.url + "/sign-in")
    stop(page, "sign_in_passkey")
    page.goto(server.url + "/sign-up")
    page.select_option("#country", "FR")
    submit(page, "#phone", THIRD)
    submit(page, "#code", newest_code(house))
    submit(page, "#new_password", PASSWORD)
    stop(page, "mfa_enrol")
    with page.expect_navigation():
        page.locator("button[value=totp]").click()
    stop(page, "mfa_app")
    submit(page, "#code", "000000")
    stop(page, "mfa_app_error")
    key = page.locator(".key").inner_text()
    submit(page, "#code", totp.code_at(key, int(page.evaluate("Date.now()") // 30_000)))
    stop(page, "mfa_backup_codes")
    main_button(page)
    page.goto(server.url + "/mfa/enrol/new-passkey")
    stop(page, "mfa_new_passkey")


def second_step(page: Page, server: Here, house: House, stop: Stop) -> None:
    page.goto(server.url + "/account")
    with page.expect_navigation():
        page.locator("main form[action='/sign-out'] button").click()
    page.goto(server.url + "/mfa/totp?ticket=" + "0" * 32)
    stop(page, "mfa_over")
    page.goto(server.url + "/sign-in")
    page.select_option("#country", "FR")
    submit(page, "#phone", THIRD)
    submit(page, "#password", PASSWORD)
    page.goto(page.url.replace("/mfa/totp", "/mfa/ways").replace("/mfa?", "/mfa/ways?"))
    stop(page, "mfa_ways")
    ways = page.url
    for name in ("totp", "backup-code"):
        page.goto(ways)
        follow(page, f"/mfa/{name}")
        stop(page, f"mfa_{name}")
        submit(page, "#code", "000000")
        stop(page, f"mfa_{name}_error")
    page.goto(ways)
    follow(page, "/mfa/sms")
    stop(page, "mfa_sms")
    main_button(page)
    stop(page, "mfa_code")
    house.set(second_factors={"totp": False, "sms": False, "backup_codes": False})
    page.goto(ways)
    stop(page, "mfa_none")
    house.set(second_factors={"totp": True, "sms": True, "backup_codes": True})
    page.goto(ways)
    follow(page, "/mfa/sms")
    main_button(page)
    submit(page, "#code", newest_code(house))


def centre(page: Page, server: Here, house: House, stop: Stop) -> None:
    """The account centre of whoever is signed in, with a proof asked for on the way."""
    page.goto(server.url + "/account")
    stop(page, "account_full")
    page.goto(server.url + "/account/security")
    stop(page, "account_security")
    house.sql("UPDATE sessions SET proved_at = 1")
    for path, name in (("phones", "account_phones"), ("emails", "account_emails")):
        page.goto(f"{server.url}/account/{path}")
        stop(page, name)
    page.goto(server.url + "/account/phones/add")
    stop(page, "account_prove")
    if page.locator("#code").count():
        submit(page, "#code", "000000")
        stop(page, "account_prove_error")
    house.sql("UPDATE sessions SET proved_at = :now", now=house.clock())
    page.goto(server.url + "/account/phones/add")
    stop(page, "account_add_phone")
    submit(page, "#phone", "12")
    stop(page, "account_add_phone_error")
    page.select_option("#country", "FR")
    submit(page, "#phone", "06 12 34 56 99")
    stop(page, "account_code")
    submit(page, "#code", "000000")
    stop(page, "account_code_error")
    submit(page, "#code", newest_code(house))
    stop(page, "account_phones_two")
    page.goto(server.url + "/account/emails/add")
    stop(page, "account_add_email")
    submit(page, "#email", "nobody")
    stop(page, "account_add_email_error")
    submit(page, "#email", "a.rather.long.name@a-long-domain-of-somebody.example.com")
    stop(page, "account_code_email")
    page.goto(server.url + "/account/password")
    stop(page, "account_password")
    submit(page, "#new_password", "password")
    stop(page, "account_password_error")
    submit(page, "#new_password", "a kettle full of maps")
    stop(page, "account_password_told")
    for path in ("data", "events", "sessions", "delete"):
        page.goto(f"{server.url}/account/{path}")
        stop(page, f"account_{path}_full")
    page.fill("#confirm", "no")
    with page.expect_navigation():
        page.locator("main .danger").click()
    stop(page, "account_delete_error")
    page.goto(server.url + "/account/security")
    if page.locator("main a[href*='factor?']").count():
        follow(page, "factor?")
        stop(page, "account_factor")
        submit(page, "#name", "x" * 101)
        stop(page, "account_factor_error")


def application(page: Page, server: Here, house: House, stop: Stop) -> None:
    """What an application sends somebody to who is signed in."""
    callback = "https://shop.example.com/callback"
    shop = add_shop(house, redirect_uris=[callback], name="Harbour Books & Stationery of the Old Town")
    asked = {
        "client_id": shop.client_id,
        "redirect_uri": callback,
        "response_type": "code",
        "scope": "openid phone email profile offline_access",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    page.goto(f"{server.url}/oauth/authorize?" + urlencode(asked | {"prompt": "consent"}))
    stop(page, "openid_consent")
    page.goto(f"{server.url}/oauth/authorize?" + urlencode(asked | {"redirect_uri": "https://elsewhere.example"}))
    stop(page, "openid_error")
    page.goto(f"{server.url}/oauth/logout")
    stop(page, "openid_sign_out")
    page.goto(f"{server.url}/device")
    stop(page, "openid_device")
    submit(page, "#code", "BCDF-GHJK")
    stop(page, "openid_device_error")
    page.goto(f"{server.url}/openid/device-done")
    stop(page, "openid_device_done")
    page.context.clear_cookies()
    page.goto(f"{server.url}/oauth/authorize?" + urlencode(asked))
    stop(page, "openid_sign_in")


def errors(page: Page, server: Here, house: House, stop: Stop) -> None:
    """Pages of what is switched off, and of a browser that lost its cookies."""
    page.goto(server.url + "/sign-in")
    page.fill("#phone", NUMBER)
    page.context.clear_cookies()
    main_button(page)
    stop(page, "again")
    house.set(connectors={"active": "", "standby": ""})
    for path in ("sign-in", "sign-up", "forgot-password"):
        page.goto(f"{server.url}/{path}")
        stop(page, path.replace("-", "_") + "_cannot_send")
    house.set(sign_up={"enabled": False}, sign_in={"enabled": False}, forgot_password={"phone": False, "email": False})
    for path in ("sign-in", "sign-up", "forgot-password"):
        page.goto(f"{server.url}/{path}")
        stop(page, path.replace("-", "_") + "_closed")


# In this order one after the other, by one person.
PEOPLE = (door, sign_out, forgotten, enrolment, second_step, centre, application, errors)
