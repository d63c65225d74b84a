"""An admin sets the house up: first visit, connector, settings, history."""

from __future__ import annotations

import re
import secrets
import time
from pathlib import Path

import pytest

from flows import admin_setup
from rules import totp
from tests.kit import ADMIN, PASSWORD, Browser, House, open_house, open_other_house
from tests.provider import Provider


def first_visit(house: House) -> Browser:
    browser = house.browser().open(f"/admin/setup?key={admin_setup.make_link(house.services)}")
    return browser.send("/admin/setup", key=browser.field("key"), name=ADMIN, password=PASSWORD)


def in_console(house: House) -> Browser:
    return first_visit(house).send("/admin/totp-setup", action="skip")


def test_a_warning_leads_to_where_its_cure_is(sqlite_house: House) -> None:
    browser = in_console(sqlite_house)
    assert "First steps" in browser.text
    assert '/admin/settings#phones.all_countries">Settings</a>' in browser.page.text
    assert 'id="phones.all_countries"' in browser.open("/admin/settings").page.text


def test_a_save_of_much_is_told_without_a_cookie_that_browsers_drop(house: House) -> None:
    browser = in_console(house).open("/admin/templates")
    texts = {usage: "{code} " + secrets.token_hex(150) for usage in ("sign_in", "register", "generic", "bind_mfa")}
    reply = browser.client.post(
        "/admin/templates", data={"csrf_token": browser.field("csrf_token"), "action": "save"} | texts
    )
    assert sum(map(len, reply.headers.getlist("Set-Cookie"))) < 1000
    browser.open("/admin/templates")
    assert "Saved. 4 settings changed" in browser.text
    assert "Saved." not in browser.open("/admin/templates").text


def test_the_link_works_once_and_only_while_there_is_no_admin(house: House) -> None:
    link = f"/admin/setup?key={admin_setup.make_link(house.services)}"
    weak = house.browser().open(link)
    weak.send("/admin/setup", key=weak.field("key"), name=ADMIN, password="short")
    assert weak.status == 422
    assert "15 characters" in weak.errors[0]
    assert first_visit(house).path == "/admin/totp-setup"
    assert house.browser().open(link).status == 404
    assert admin_setup.make_link(house.services) is None


def test_a_link_dies_after_a_day(house: House) -> None:
    link = f"/admin/setup?key={admin_setup.make_link(house.services)}"
    house.clock.forward(24 * 3600 + 1)
    assert house.browser().open(link).status == 404


def test_signing_in_takes_the_authenticator_too(house: House) -> None:
    browser = first_visit(house)
    key = re.search(r'class="key">([A-Z2-7]+)<', browser.page.text)
    assert key
    for wrong in ("000000", "", "12345"):
        assert browser.send("/admin/totp-setup", code=wrong).status == 422
        assert browser.errors == ["That code is not right. Type the one that your authenticator app shows now."]
    step = int(house.clock() // 30)
    browser.send("/admin/totp-setup", code=totp.code_at(key.group(1), step))
    assert browser.path == "/admin/connectors"
    browser.send("/admin/sign-out")
    house.clock.forward(60)
    code = totp.code_at(key.group(1), int(house.clock() // 30))
    for wrong in ({"code": ""}, {"code": "000000"}, {"password": "x" * 20}, {"name": "nobody"}):
        other = house.browser().open("/admin/sign-in")
        other.send(**({"name": ADMIN, "password": PASSWORD, "code": code} | wrong))
        assert other.errors == ["This name, password and code do not go together."]
    right = house.browser().open("/admin/sign-in").send(name=ADMIN, password=PASSWORD, code=code)
    assert right.path == "/admin/connectors"
    replay = house.browser().open("/admin/sign-in").send(name=ADMIN, password=PASSWORD, code=code)
    assert replay.status == 422


def test_too_many_wrong_passwords_wait_and_then_stop(house: House) -> None:
    house.clock.stop()
    in_console(house)
    house.set(codes={"failures_before_wait": 1, "failures_before_stop": 10})
    browser = house.browser().open("/admin/sign-in")
    for _ in range(2):
        browser.send(name=ADMIN, password="x" * 20, code="")
    assert browser.status == 429
    assert browser.errors == ["There were too many wrong tries. Try again in 30 seconds."]
    for _ in range(10):
        house.clock.forward(3600)
        browser.send(name=ADMIN, password="x" * 20, code="")
    assert browser.status == 429
    assert browser.errors == ["There were too many wrong tries from your network. Sign in from another one."]


def test_in_production_the_authenticator_cannot_be_put_off(sqlite_template: Path, tmp_path: Path) -> None:
    database = tmp_path / "production.db"
    database.write_bytes(sqlite_template.read_bytes())
    more = {"ENV": "production", "PUBLIC_URL": "https://login.example.com"}
    with open_house(f"sqlite:///{database}", tmp_path, **more) as house:
        client = house.app.test_client()
        link = f"/admin/setup?key={admin_setup.make_link(house.services)}"
        browser = Browser(house, client)
        page = client.get(link, base_url="https://login.example.com")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token
        data = {"csrf_token": token.group(1), "key": link.split("=")[1], "name": ADMIN, "password": PASSWORD}
        reply = client.post("/admin/setup", data=data, base_url="https://login.example.com")
        assert reply.status_code == 303
        assert "__Host-doorcode_console" in reply.headers["Set-Cookie"]
        for path in ("/admin/connectors", "/admin/settings"):
            reply = client.get(path, base_url="https://login.example.com")
            assert reply.location == "/admin/totp-setup"
        assert browser.client.get("/dev/messages", base_url="https://login.example.com").status_code == 404


def test_strangers_and_people_are_kept_out(house: House) -> None:
    person = house.browser().open("/sign-up").send(country="FR", phone="06 12 34 56 78").type_code()
    for browser in (house.browser(), person):
        for path in ("connectors", "connectors/http", "settings", "settings/history", "messages", "audit"):
            assert browser.open(f"/admin/{path}").path == "/admin/sign-in"


def test_a_connector_is_tried_saved_and_used_at_once(house: House, tmp_path: Path) -> None:
    with Provider() as provider, open_other_house(house.database_url, tmp_path / "other") as other:
        browser = in_console(house).open("/admin/connectors/http")
        form = {
            "method": "POST",
            "url": provider.url,
            "body": '{"to": "{to}", "text": "{text}"}',
            "secret": "s3cret-one",
        }
        fields = re.findall(r'name="([a-z_]+)"', browser.page.text)
        form = {name: browser_value(browser, name) for name in fields} | form
        provider.answer(401, b'{"message": "bad key"}')
        browser.send(**form | {"test_to": "+33612345678", "action": "test"})
        assert "refused" in browser.text
        assert "Wrong credentials" in browser.text
        provider.answer(200, b"{}")
        browser.send(**form | {"test_to": "+33612345678", "action": "test"})
        assert "The provider took the message." in browser.text
        for _ in range(4):
            browser.send(**form | {"test_to": "+33612345678", "action": "test"})
        assert (browser.status, len(provider.requests)) == (429, 5)
        assert "You have just sent several test messages." in browser.errors[0]
        assert other.services.settings().connectors.active == "development"
        browser.send(**form | {"action": "save"})
        assert "In use" in browser.text
        assert "s3cret-one" not in browser.page.text
        assert "go out by another connector" in house.browser().open("/dev/messages").text
        time.sleep(0.6)
        assert other.services.settings().connectors.active == "http"
        dump = repr(house.sql("SELECT * FROM settings_versions")) + repr(house.sql("SELECT * FROM audit"))
        assert "s3cret-one" not in dump
        house.browser().sign_in("06 12 34 56 79")
        house.deliver()
        assert "+33612345679" in provider.requests[-1].body.decode()


def browser_value(browser: Browser, name: str) -> str:
    try:
        return browser.field(name)
    except AssertionError:
        return ""


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("codes.length", "11", "4 to 10"),
        ("codes.length", "x", "whole number"),
        ("phones.countries", "France", "capital"),
    ],
)
def test_a_bad_setting_is_refused_beside_its_field(house: House, field: str, typed: str, words: str) -> None:
    browser = in_console(house).open("/admin/settings")
    before = house.count("settings_versions")
    browser.send(**{field: typed})
    assert browser.status == 422
    assert words in browser.errors[0]
    assert house.count("settings_versions") == before


def test_a_save_says_what_changed_and_can_be_taken_back(house: House) -> None:
    browser = in_console(house).open("/admin/settings").send(**{"codes.length": "8"})
    assert "Digits" in browser.text
    assert "1 setting changed" in browser.text
    assert house.services.settings().codes.length == 8
    version = house.services.settings().version
    browser.open("/admin/settings/history").send(version=str(version - 1))
    assert house.services.settings().codes.length == 6
    assert house.services.settings().version == version + 1
    assert "Before the first save" in browser.open("/admin/settings/history").text
    browser.open("/admin/audit")
    assert "settings.saved" in browser.text
    assert ADMIN in browser.text


def test_a_nearly_spent_cap_is_shown(house: House) -> None:
    house.set(money={"price": 1.0, "day_cap": 2.0, "month_cap": 100.0})
    for n in range(2):
        house.browser().sign_in(f"06 12 34 56 7{n}")
    refused = house.browser().sign_in("06 12 34 56 75")
    assert refused.status == 503
    assert int(refused.page.headers["Retry-After"]) > 60
    assert "2" in in_console(house).text
    assert "are spent" in in_console_again(house).text


def in_console_again(house: House) -> Browser:
    return house.browser().open("/admin/sign-in").send(name=ADMIN, password=PASSWORD, code="")
