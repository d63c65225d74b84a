"""Settings change while somebody is on their way: no error page, no step skipped, nobody locked out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flows import change_settings
from tests.flows.test_skipping import (
    NUMBER,
    PASSWORD,
    STATES,
    gained,
    members,
)
from tests.kit import ADMIN, Browser, House
from tests.kit import PASSWORD as ADMIN_PASSWORD

CHANGES: dict[str, dict[str, dict[str, Any]]] = {
    "longer codes": {"codes": {"length": 8}},
    "shorter codes": {"codes": {"length": 4}},
    "a shorter life": {"codes": {"minutes": 1}},
    "fewer tries": {"codes": {"tries": 1}},
    "sign-up closed": {"sign_up": {"enabled": False}},
    "sign-in closed": {"sign_in": {"enabled": False}},
    "no password": {"sign_in": {"phone": "code"}, "sign_up": {"password": False}},
    "no code": {"sign_in": {"phone": "password"}},
    "only e-mail": {"sign_in": {"phone": "off", "email": "code"}, "sign_up": {"identifier": "email"}},
    "another country": {"phones": {"all_countries": False, "countries": ["DE"], "default_country": ""}},
    "second factors off": {"second_factors": {"policy": "off"}},
    "second factors required": {"second_factors": {"policy": "required"}},
    "no apps": {"second_factors": {"totp": False}},
    "no forgotten password": {"forgot_password": {"phone": False, "email": False}},
    "longer passwords": {"passwords": {"shortest": 40, "shortest_alone": 60}},
    "no connector": {"connectors": {"active": "", "email": ""}},
    "terms": {"sign_up": {"terms_url": "https://example.com/terms", "terms_version": "2"}},
    "every account awake": {"recycled_numbers": {"asleep_days": 0, "release_days": 0}},
    "the number is blocked": {"exceptions": {"blocked_numbers": ["+33*"]}},
}
TYPED = {
    "/sign-in/password": {"password": PASSWORD},
    "/complete/password": {"new_password": PASSWORD},
    "/forgot-password/new": {"new_password": "nine otters under a bridge"},
    "/mfa/password": {"password": PASSWORD},
}


def answer(house: House, browser: Browser) -> None:
    """What somebody would do next on the page where they are."""
    if browser.path == "/sign-in/create-account":
        browser.send("/sign-in/create-account")
    elif browser.path in TYPED:
        browser.send(**TYPED[browser.path])
    elif browser.path.endswith("/code"):
        browser.type_code(house.codes()[0])
    else:
        browser.send(code="000000")


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_is_on_their_way_meets_no_error_and_can_come_in_afterwards(sqlite_house: House, change: str) -> None:
    house = sqlite_house
    members(house)
    usual = {name: dict(values) for name, values in sections(house).items() if name in CHANGES[change]}
    for state, (begin, page, _back) in STATES.items():
        browser = begin(house)
        assert browser.path == page, (state, browser.path)
        where = browser.page.request.full_path
        house.set(**CHANGES[change])
        before = len(gained(house)[0])
        waiting = Browser(house, browser.client, {})
        waiting.open(where)
        assert waiting.status < 500, (state, "reloads")
        answer(house, browser)
        assert browser.status < 500 or change == "no connector", (state, browser.status)
        assert browser.status in (200, 403, 409, 422, 429, 503), (state, browser.status)
        assert browser.open("/").status in (200, 403), "where signing in is closed, a page says so"
        if state in ("code", "second step") and change != "second factors off" and change != "no apps":
            assert len(gained(house)[0]) == before, (state, "nobody is in who has an app, without it")
        house.set(**usual)
        house.clock.forward(301)
    house.sql("DELETE FROM factors")
    house.sql("UPDATE accounts SET seen_at = :now", now=house.clock())
    house.clock.forward(3600)
    back = house.browser().sign_in(NUMBER).type_code()
    assert back.path in ("/account", "/complete/terms", "/mfa/enrol/offer"), "and nobody is locked out"


def sections(house: House) -> dict[str, Any]:
    document: dict[str, Any] = change_settings.export(house.services, secrets=True)
    return document


LENGTHS: list[Callable[[House], None]] = [
    lambda house: house.set(codes={"length": 8}),
    lambda house: house.set(codes={"length": 4}),
]


@pytest.mark.parametrize("change", LENGTHS, ids=["longer", "shorter"])
def test_a_code_that_was_sent_before_is_good_after_and_so_is_a_new_one(
    house: House, change: Callable[[House], None]
) -> None:
    browser = house.browser().open("/sign-up").send(phone=NUMBER, country="FR")
    old = house.newest_code()
    change(house)
    house.clock.forward(61)
    browser.send("/sign-up/send-again")
    new = house.newest_code()
    assert len(old) != len(new)
    assert browser.type_code(old).path == "/account"
    house.clock.forward(61)
    assert house.browser().sign_in(NUMBER).type_code().path == "/account"


def test_a_factor_that_is_switched_off_meanwhile_is_stepped_over_by_a_button_and_not_by_a_link(house: House) -> None:
    members(house)
    browser = house.browser().sign_in(NUMBER).type_code()
    assert browser.path == "/mfa/totp"
    ticket = browser.field("ticket")
    house.set(second_factors={"policy": "off"})
    before = gained(house)
    browser.open(f"/mfa?ticket={ticket}")
    assert "No second step is needed" in browser.text
    assert gained(house) == before
    assert browser.send("/mfa").path == "/account"


def test_no_setting_keeps_the_last_admin_out(house: House) -> None:
    """The console knows neither codes nor the settings of people's ways in."""
    house.app.test_cli_runner().invoke(args=["admin", "create", ADMIN, "--password", ADMIN_PASSWORD])
    first = house.browser().open("/admin/sign-in").send(name=ADMIN, password=ADMIN_PASSWORD, code="")
    for name, change in CHANGES.items():
        house.set(**{section: values for section, values in change.items() if section != "connectors"})
        assert first.open("/admin/settings").status == 200, name
    house.clock.forward(13 * 3600)
    assert first.open("/admin/settings").path == "/admin/sign-in"
    again = house.browser().open("/admin/sign-in").send(name=ADMIN, password=ADMIN_PASSWORD, code="")
    assert again.open("/admin/settings").status == 200
