"""Every page asked for directly, and every form sent, at every state of every flow: nobody gets further by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.kit import Browser, House
from tests.pages.factors_kit import add_app, app_code, sign_up

NUMBER, STRANGER, ADDRESS = "06 12 34 56 78", "06 98 76 54 32", "ann@example.com"
PASSWORD, NEW = "four horses by the sea", "nine otters under a bridge"
OPEN = (
    "/",
    "/sign-out",
    "/sign-in",
    "/sign-up",
    "/forgot-password",
    "/sign-in/lost-number",
    "/device",
    "/dev/messages",
    "/language",
    "/invitation",
)
FOR_OTHERS = (
    "/admin",
    "/api",
    "/static",
    "/.well-known",
    "/oauth",
    "/oidc",
    "/openid",
    "/healthz",
    "/readyz",
    "/metrics",
)
# Buttons that a person presses on purpose, at the state that has them.
PRESSED = {"sign_in.create_account", "mfa.new_owner", "account.sign_out", "language.choose"}


def members(house: House) -> None:
    """One with an app, who signs in by a code or a password."""
    house.set(
        sign_up={"password": True},
        sign_in={"phone": "code_or_password"},
        second_factors={"policy": "offered", "backup_codes": False},
        limits={"resend_waits": ["0"]},
    )
    browser = sign_up(house, NUMBER).send(new_password=PASSWORD)
    add_app(house, browser)
    house.clock.forward(3600)


def at_code(house: House) -> Browser:
    return house.browser().sign_in(NUMBER)


def at_password(house: House) -> Browser:
    browser = at_code(house)
    return browser.open(f"/sign-in/password?ticket={browser.field('ticket')}")


def at_create_account(house: House) -> Browser:
    return house.browser().sign_in(STRANGER).type_code()


def at_sign_up_code(house: House) -> Browser:
    return house.browser().open("/sign-up").send(phone=STRANGER, country="FR")


def at_forgotten_code(house: House) -> Browser:
    return house.browser().open("/forgot-password").send(phone=NUMBER, country="FR")


def at_second_step(house: House) -> Browser:
    return at_code(house).type_code()


def at_forgotten_second_step(house: House) -> Browser:
    return at_forgotten_code(house).type_code()


def at_new_password(house: House) -> Browser:
    key = app_key(house)
    return at_forgotten_second_step(house).send("/mfa/totp", code=app_code(house, key))


def app_key(house: House) -> str:
    """A new app in the place of the one that was there, whose key we know."""
    house.sql("DELETE FROM factors")
    browser = house.browser().sign_in(NUMBER).type_code()
    key = add_app(house, browser)
    house.clock.forward(301)
    return key


def at_complete(house: House) -> Browser:
    """Signed up, and a password is missing."""
    return at_sign_up_code(house).type_code()


def at_sleeping_account(house: House) -> Browser:
    house.sql("DELETE FROM factors")
    house.sql("UPDATE accounts SET seen_at = 1, created_at = 1")
    return at_code(house).type_code()


# Where each begins, the page that it is at, and where it may be led back to.
STATES: dict[str, tuple[Callable[[House], Browser], str, tuple[str, ...]]] = {
    "code": (at_code, "/sign-in/code", ("/sign-in/code", "/sign-in/password")),
    "password": (at_password, "/sign-in/password", ("/sign-in/code", "/sign-in/password")),
    "create account": (at_create_account, "/sign-in/create-account", ("/sign-in/create-account",)),
    "sign-up code": (at_sign_up_code, "/sign-up/code", ("/sign-up/code",)),
    "forgotten code": (at_forgotten_code, "/forgot-password/code", ("/forgot-password/code",)),
    "second step": (at_second_step, "/mfa/totp", ("/mfa",)),
    "forgotten, second step": (at_forgotten_second_step, "/mfa/totp", ("/mfa",)),
    "new password": (at_new_password, "/forgot-password/new", ("/forgot-password/new", "/mfa")),
    "complete": (
        at_complete,
        "/complete/password",
        ("/complete", "/account/phones/", "/account/emails/", "/mfa/enrol"),
    ),
    "asleep": (at_sleeping_account, "/mfa/password", ("/mfa",)),
}


def gained(house: House) -> list[Any]:
    return [
        house.sql("SELECT id, owner_id, pending FROM sessions ORDER BY id"),
        house.sql("SELECT id FROM factors ORDER BY id"),
        house.sql("SELECT kind, value, account_id FROM identifiers ORDER BY value"),
        house.sql("SELECT id, password_hash FROM accounts ORDER BY id"),
        house.sql("SELECT token_hash FROM trusted_browsers"),
    ]


def pages(house: House, method: str) -> list[tuple[str, str]]:
    """Each page of people, by the name of its endpoint."""
    found = []
    for rule in house.app.url_map.iter_rules():
        path = rule.rule.replace("<any(phones, emails):which>", "phones").replace("<session_id>", "f" * 32)
        if method in (rule.methods or ()) and not path.startswith(FOR_OTHERS) and "<" not in path:
            found.append((rule.endpoint, path))
    assert len(found) > 15
    return found


@pytest.mark.parametrize("state", STATES)
def test_no_page_asked_for_directly_leads_further(sqlite_house: House, state: str) -> None:
    house = sqlite_house  # pages that are only looked at are the same on either
    members(house)
    begin, page, back = STATES[state]
    browser = begin(house)
    assert browser.path == page, browser.text
    ticket = browser.page.request.args.get("ticket", "") or "none"
    before = gained(house)
    for name, path in pages(house, "GET"):
        for asked in (path, f"{path}?ticket={ticket}"):
            browser.open(asked)
            assert browser.status in (200, 403, 404, 409, 410), (name, browser.status)
            if browser.status == 200 and "html" in browser.page.content_type:
                assert browser.path in OPEN or browser.path.startswith(back), (asked, browser.path)
    assert gained(house) == before
    assert browser.open(f"{page}?ticket={ticket}").path == page, "and it is still where it was"


@pytest.mark.parametrize("state", STATES)
def test_no_form_sent_directly_gives_anything(house: House, state: str) -> None:
    members(house)
    begin, page, _back = STATES[state]
    browser = begin(house)
    ticket = browser.page.request.args.get("ticket", "") or "none"
    before = gained(house)
    junk = {
        "ticket": ticket,
        "code": "000000",
        "place": "0",
        "action": "main",
        "kind": "totp",
        "confirm": "delete",
        "name": "x",
        "email": "eve@example.com",
        "phone": "06 11 22 33 44",
        "country": "FR",
        "end_sessions": "on",
        "trust": "yes",
        "password": "a guess that is wrong",
    }
    for name, path in pages(house, "POST"):
        if name in PRESSED or path == page:
            continue
        browser.open(
            "/sign-in" if browser.open(f"{page}?ticket={ticket}").path != page else browser.page.request.full_path
        )
        browser.send(path, **junk)
        assert browser.status < 500, (name, browser.status)
        assert gained(house) == before, name
