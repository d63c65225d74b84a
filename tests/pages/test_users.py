"""People and admins in the console: found by any writing, helped, and each admin only as far as their role goes."""

from __future__ import annotations

import pytest

from flows import sign_in, users
from rules.passwords import hash_password
from storage import users as user_rows
from tests.kit import Browser, House
from tests.pages.factors_kit import app_code, member
from tests.pages.test_console import in_console
from tests.pages.test_messages import following

NUMBER = "06 12 34 56 78"
PASSWORD = "correct horse battery staple"


def person(house: House, phone: str = NUMBER) -> str:
    house.browser().open("/sign-up").send(country="FR", phone=phone).type_code()
    return str(house.sql("SELECT account_id FROM identifiers ORDER BY verified_at DESC")[0].account_id)


@pytest.mark.parametrize("typed", ["+33612345678", "06 12 34 56 78", "0033 6 12 34 56 78", "(+33) 6-12-34-56-78"])
def test_an_account_is_found_by_any_writing_of_its_number(house: House, typed: str) -> None:
    house.set(phones={"default_country": "FR"})
    account = person(house)
    browser = in_console(house).open("/admin/users")
    browser.page = browser.client.get("/admin/users", query_string={"q": typed})
    assert account in browser.page.text


def test_an_account_is_suspended_and_opened_again(house: House) -> None:
    account = person(house)
    mine = house.browser().sign_in(NUMBER).type_code()
    browser = in_console(house).open(f"/admin/users/{account}")
    browser.send(f"/admin/users/{account}/suspend")
    assert "suspended" in browser.text
    assert mine.open("/account").path == "/sign-in"
    house.clock.forward(61)
    again = house.browser().sign_in(NUMBER).type_code()
    assert "suspended" in again.text
    browser.send(f"/admin/users/{account}/open")
    house.clock.forward(61)
    assert house.browser().sign_in(NUMBER).type_code().path == "/account"


def test_who_is_suspended_while_their_password_is_looked_at_does_not_get_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.set(sign_in={"phone": "password"}, sign_up={"password": True})
    account = person(house)
    house.sql("DELETE FROM sessions")
    house.sql("UPDATE accounts SET password_hash = :hash", hash=hash_password(PASSWORD))

    def suspended_meanwhile(*_: str) -> None:
        with house.services.database.write() as connection:
            user_rows.suspend(connection, account, house.clock())

    monkeypatch.setattr(sign_in.passwords, "rehashed", suspended_meanwhile)
    browser = house.browser().sign_in(NUMBER).send(password=PASSWORD)
    assert "suspended" in browser.text
    assert house.count("sessions") == 0


def test_an_account_is_made_by_an_admin_and_signs_in(house: House) -> None:
    browser = in_console(house).open("/admin/users").send(identifier="+33698765432")
    assert browser.path.startswith("/admin/users/")
    assert house.browser().sign_in("06 98 76 54 32").type_code().path == "/account"


def test_accounts_come_a_page_at_a_time_and_none_is_left_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "SHOWN", 2)
    browser = in_console(house).open("/admin/users")
    for n in range(4):
        browser.send("/admin/users", identifier=f"+3369876543{n}")
    house.sql("UPDATE accounts SET created_at = 1000")  # as an import leaves them
    seen = browser.open("/admin/users").text
    browser.open(following(browser, "Older"))
    assert [n for n in range(4) if f"98 76 54 3{n}" in seen + browser.text] == [0, 1, 2, 3]
    assert ">Older<" not in browser.page.text


def test_an_account_is_deleted_with_its_id_typed(house: House) -> None:
    account = person(house)
    browser = in_console(house).open(f"/admin/users/{account}").send(f"/admin/users/{account}/delete", confirm="yes")
    assert browser.status == 422
    assert house.count("accounts") == 1
    browser.send(f"/admin/users/{account}/delete", confirm=account)
    assert house.count("accounts") == house.count("identifiers") == house.count("sessions") - 1 == 0


@pytest.mark.parametrize("first", ["code", "password"])
@pytest.mark.parametrize("act", ["end-sessions", "remove-factor"])
def test_an_admin_who_ends_what_is_open_ends_what_is_half_open_too(house: House, first: str, act: str) -> None:
    """Somebody who should not be there has shown a first step, and is at the second one."""
    key, _codes = member(house)
    house.set(sign_up={"password": True}, sign_in={"phone": "code_or_password"}, second_factors={"sms": True})
    house.sql("UPDATE accounts SET password_hash = :hash", hash=hash_password(PASSWORD))
    browser = house.browser().sign_in(NUMBER)
    browser = browser.type_code() if first == "code" else browser.send("/sign-in/password", password=PASSWORD)
    assert browser.path.startswith("/mfa"), browser.text
    [(account, factor)] = house.sql("SELECT account_id, id FROM factors WHERE kind = 'totp'")
    page = f"/admin/users/{account}"
    in_console(house).open(page).send(f"{page}/{act}", factor=factor, reason="Asked for by telephone")
    half = f"ticket={browser.page.request.args['ticket']}"
    browser.open(f"/mfa/totp?{half}")
    if "csrf_token" in browser.page.text:
        browser.send("/mfa/totp", ticket=half.partition("=")[2], code=app_code(house, key))
    assert browser.open("/account").path == "/sign-in"
    assert house.sql("SELECT count(*) FROM tickets WHERE proved_at IS NOT NULL AND used_at IS NULL")[0][0] == 0


# Roles


def with_role(house: House, owner: Browser, role: str) -> Browser:
    owner.open("/admin/admins").send(name=role, password=PASSWORD, role=role)
    assert owner.status == 200
    return house.browser().open("/admin/sign-in").send(name=role, password=PASSWORD)


@pytest.mark.parametrize(
    ("role", "allowed", "refused"),
    [
        ("admin", ("connectors", "settings", "users", "audit"), ("admins",)),
        ("support", ("users", "messages"), ("connectors", "settings", "audit", "admins", "templates")),
        ("auditor", ("users", "messages", "audit", "settings"), ("connectors", "admins", "templates")),
    ],
)
def test_a_role_opens_its_rooms_only(
    house: House, role: str, allowed: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    browser = with_role(house, in_console(house), role)
    assert browser.status == 200
    assert browser.open("/admin/totp-setup").send(action="skip").status == 200, "in a room that is open to them"
    for room in allowed:
        assert browser.open(f"/admin/{room}").status == 200, room
    for room in refused:
        assert browser.open(f"/admin/{room}").status == 403, room


def test_support_sees_masked_numbers_and_an_auditor_changes_nothing(house: House) -> None:
    account = person(house)
    owner = in_console(house)
    support = with_role(house, owner, "support").open(f"/admin/users/{account}")
    assert "12 34 56 78" not in support.page.text
    assert "612345678" not in support.page.text
    support.send(f"/admin/users/{account}/delete", confirm=account)
    assert support.status == 403
    auditor = with_role(house, owner, "auditor").open(f"/admin/users/{account}")
    auditor.send(f"/admin/users/{account}/suspend")
    assert auditor.status == 403
    assert house.count("accounts") == 1


def test_a_new_admin_that_is_refused_is_typed_once(sqlite_house: House) -> None:
    owner = in_console(sqlite_house).open("/admin/admins")
    assert "/admin/totp-setup" in owner.page.text, "who put their app off finds the way back"
    owner.send("/admin/admins", name="Bob", password="short", role="support")
    assert (owner.status, owner.field("name")) == (422, "Bob")
    assert '"support" selected' in owner.page.text


def test_an_admin_chooses_their_own_password_and_is_signed_out_elsewhere(house: House) -> None:
    new, place = "four horses by the sea", "/admin/own-password"
    admin = with_role(house, in_console(house), "support")
    elsewhere = house.browser().open("/admin/sign-in").send(name="support", password=PASSWORD)
    admin.open(place).send(password="not this one", new_password=new)
    assert (admin.status, admin.errors) == (422, ["That is not the password that you have now. Type it again."])
    admin.send(password=PASSWORD, new_password="short")
    assert (admin.status, admin.errors) == (422, ["Use at least 15 characters."])
    admin.send(password=PASSWORD, new_password=new)
    assert (admin.status, "You are signed out everywhere else." in admin.text) == (200, True)
    assert elsewhere.open("/admin/users").path == "/admin/sign-in"
    assert elsewhere.send(name="support", password=PASSWORD).status == 422
    assert elsewhere.send(name="support", password=new).path == "/admin/organizations"
    for _ in range(12):
        admin.open(place).send(password="not this one", new_password=new)
    assert (admin.status, "Retry-After" in admin.page.headers) == (429, True)


def test_the_last_owner_stays(house: House) -> None:
    owner = in_console(house).open("/admin/admins")
    mine = house.sql("SELECT id FROM admins")[0].id
    owner.send(f"/admin/admins/{mine}", role="auditor", action="role")
    assert owner.status == 422
    owner.send(f"/admin/admins/{mine}", action="remove")
    assert owner.status == 422
    assert house.sql("SELECT role FROM admins")[0].role == "owner"
