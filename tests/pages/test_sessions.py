"""Where one is signed in: seen and ended, as far as the admin allows."""

from __future__ import annotations

import pytest

from tests.kit import House
from tests.pages.factors_kit import app_code, first_step, member, sign_up

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what cannot differ between databases


@pytest.mark.parametrize(("permission", "status", "shown"), [("off", 404, False), ("read", 200, True)])
def test_what_the_admin_does_not_allow_is_not_done(house: House, permission: str, status: int, shown: bool) -> None:
    sign_up(house)
    house.clock.forward(61)
    browser = house.browser().sign_in("06 12 34 56 78").type_code()
    house.set(account_centre={"sessions": permission, "factors": permission})
    assert ("/account/sessions" in browser.open("/account").page.text) is shown
    assert browser.open("/account/sessions").status == status
    assert "Sign out everywhere else" not in browser.text
    assert browser.open("/account").send("/account/sessions", session="others").status == 403
    assert browser.open("/account").send("/account/security", browser="all").status == 403
    assert house.count("sessions") == 2


def test_a_session_of_somebody_else_is_not_ended(house: House) -> None:
    other = sign_up(house, "06 98 76 54 32")
    browser = sign_up(house)
    theirs = house.sql("SELECT id FROM sessions ORDER BY created_at")[0].id
    browser.open("/account/sessions").send(session=theirs)
    assert other.open("/account").path == "/account"


def test_where_everybody_has_a_second_factor_a_session_that_nobody_uses_ends(house: House) -> None:
    key, _codes = member(house)
    house.set(second_factors={"policy": "required"}, sessions={"idle_minutes": 60})
    browser = first_step(house).send(code=app_code(house, key))
    for _page in range(3):  # each page that is opened counts
        house.clock.forward(59 * 60)
        assert browser.open("/account/sessions").path == "/account/sessions"
    house.clock.forward(60 * 60 + 1)
    assert browser.open("/account/sessions").path == "/sign-in"
    house.set(sessions={"idle_minutes": 0})
    assert browser.open("/account/sessions").path == "/account/sessions"


def test_elsewhere_a_session_waits_for_its_owner(house: House) -> None:
    browser = sign_up(house)
    house.clock.forward(20 * 86400)
    assert browser.open("/account/sessions").path == "/account/sessions"


def test_that_another_session_is_in_use_says_nothing_of_this_one(house: House) -> None:
    key, _codes = member(house)
    house.set(second_factors={"policy": "required"})
    browser = first_step(house).send(code=app_code(house, key))
    house.clock.forward(59 * 60)
    token = browser.client.get_cookie("doorcode_session")
    thief = first_step(house).send(code=app_code(house, key))
    house.clock.forward(120)
    assert thief.open("/account/sessions").path == "/account/sessions"
    thief.client.set_cookie("doorcode_session", token.value)
    assert thief.open("/account/sessions").path == "/sign-in"
    browser.client.delete_cookie("doorcode")
    assert browser.open("/account/sessions").path == "/sign-in"
