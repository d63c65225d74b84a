"""Passkeys through Chromium's virtual authenticator: added, second step, first step, and refused elsewhere."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.test_browser import NUMBER, opened, press
from tests.kit import House, Server, serving
from tests.upstream.kit import elsewhere, offer

INTERNAL = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@contextmanager
def with_authenticator(chromium: Browser, **options: Any) -> Iterator[tuple[Page, CDPSession, str]]:
    """A page, the session that steers its authenticator, and the authenticator's id."""
    with opened(chromium) as page:
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": INTERNAL | options})
        yield page, devtools, made["authenticatorId"]


@pytest.fixture
def url(server: Server, sqlite_house: House) -> str:
    """The server by its name: a passkey cannot be bound to 127.0.0.1."""
    sqlite_house.set(second_factors={"policy": "offered"}, sign_in={"passkey": True}, limits={"resend_waits": ["0"]})
    return f"http://localhost:{urlsplit(server.url).port}"


def enter_number(page: Page, house: House, url: str, path: str = "/sign-in") -> None:
    page.goto(url + path)
    page.select_option("#country", "FR")
    page.fill("#phone", NUMBER)
    press(page, "Send me a code")
    page.fill("#code", house.codes()[0])
    press(page, "Continue")


def sign_up_and_add(page: Page, house: House, url: str, name: str = "Key ring") -> None:
    enter_number(page, house, url, "/sign-up")
    page.goto(url + "/mfa/enrol")
    press(page, "Passkey")
    page.fill("#name", name)
    press(page, "Add a passkey")
    expect(page.get_by_role("heading", name="Your backup codes")).to_be_visible()
    press(page, "I have kept them")
    page.goto(url + "/account/security")
    expect(page.get_by_text(name, exact=True)).to_be_visible()


def sign_out(page: Page, url: str) -> None:
    page.goto(url + "/account")
    press(page, "Sign out")


def test_added_second_step_and_first_step(chromium: Browser, url: str, sqlite_house: House) -> None:
    with with_authenticator(chromium) as (page, _devtools, _id):
        sign_up_and_add(page, sqlite_house, url)
        kept = sqlite_house.sql("SELECT * FROM factors WHERE kind = 'passkey'")[0]
        assert json.loads(kept.details)["verified"] is True
        sign_out(page, url)

        enter_number(page, sqlite_house, url)
        expect(page.get_by_role("heading", name="Use your passkey")).to_be_visible()
        press(page, "Continue with a passkey")
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
        sign_out(page, url)

        page.goto(url + "/sign-in")
        press(page, "Sign in with a passkey")
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
        newest = sqlite_house.sql("SELECT proofs FROM sessions ORDER BY created_at DESC")[0]
        assert [proof["by"] for proof in json.loads(newest.proofs)] == ["passkey"]
        assert sqlite_house.sql("SELECT counter FROM factors WHERE kind = 'passkey'")[0].counter > kept.counter
        sqlite_house.sql("UPDATE sessions SET proved_at = proved_at - 601")
        page.goto(url + "/account/password")
        press(page, "Continue with a passkey")
        expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
        sign_out(page, url)
        links_an_account_elsewhere(page, url, sqlite_house)


def links_an_account_elsewhere(page: Page, url: str, house: House) -> None:
    """By a button of the page, or not at all: an answer to another challenge is worth nothing there."""
    number = {"sub": "ada", "phone_number": "+33612345678", "phone_number_verified": True}
    with elsewhere(claims=number) as provider:
        offer(house, provider.url)
        page.goto(url + "/sign-in")
        expect(page.locator(".upstream")).to_be_visible()
        first = answer(page, FIRST[1])
        away = re.search(r'content="0; url=([^"]+)"', page.evaluate(LEAVE))
        assert away
        brought = provider.authorize(html.unescape(away[1]))
        page.goto(f"{url}/upstream/openid/arrive?{urlencode(brought)}")
        ticket = page.locator("[name=ticket]").first.input_value()
        assert send(page, "/linking/passkey", ticket=ticket, **first)[0] == 422
        assert house.count("upstream_identities") == 0
        press(page, "Use its passkey")
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    assert house.count("upstream_identities") == 1
    newest = house.sql("SELECT proofs FROM sessions ORDER BY created_at DESC")[0]
    assert [proof["by"] for proof in json.loads(newest.proofs)] == ["passkey"]


def test_without_a_finger_or_a_pin_it_is_a_second_step_only(chromium: Browser, url: str, sqlite_house: House) -> None:
    with with_authenticator(chromium, hasUserVerification=False) as (page, _devtools, _id):
        sign_up_and_add(page, sqlite_house, url)
        sign_out(page, url)
        page.goto(url + "/sign-in")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert")).to_be_visible()
        enter_number(page, sqlite_house, url)
        press(page, "Continue with a passkey")
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    assert sqlite_house.count("sessions") == 1


def test_whoever_puts_it_off_can_try_again_or_go_another_way(chromium: Browser, url: str, sqlite_house: House) -> None:
    with with_authenticator(chromium) as (page, devtools, authenticator):
        sign_up_and_add(page, sqlite_house, url)
        sign_out(page, url)
        devtools.send("WebAuthn.clearCredentials", {"authenticatorId": authenticator})
        enter_number(page, sqlite_house, url)
        page.get_by_role("button", name="Continue with a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("gave no passkey")
        page.get_by_role("link", name="Use instead: Backup code").click()
        expect(page.get_by_role("heading", name="Use a backup code")).to_be_visible()


# What a program could do that is not our page: ask, let the authenticator answer, and send the answer elsewhere.

LEAVE = """async () => {
  const form = document.querySelector(".upstream").form;
  return await (await fetch(form.action, { method: "POST", body: new FormData(form) })).text();
}"""
ANSWER = """async ({ ask, ticket, verification }) => {
  const bytes = (text) => Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const letters = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const body = new FormData();
  body.append("csrf_token", document.querySelector("[name=csrf_token]").value);
  if (ticket) body.append("ticket", ticket);
  const { asked, options } = await (await fetch(ask, { method: "POST", body })).json();
  const allowCredentials = (options.allowCredentials ?? []).map((each) => ({ ...each, id: bytes(each.id) }));
  const publicKey = { ...options, allowCredentials, challenge: bytes(options.challenge) };
  const given = await navigator.credentials.get({ publicKey: { ...publicKey, userVerification: verification } });
  const response = {};
  for (const name of ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
    if (given.response[name]) response[name] = letters(given.response[name]);
  return { asked, credential: JSON.stringify(
    { id: given.id, rawId: letters(given.rawId), type: given.type, response }) };
}"""
SEND = """async ({ to, fields }) => {
  const body = new FormData();
  body.append("csrf_token", document.querySelector("[name=csrf_token]").value);
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const reply = await fetch(to, { method: "POST", body });
  return [reply.status, new URL(reply.url).pathname];
}"""


def answer(page: Page, ask: str, ticket: str = "", verification: str = "required") -> dict[str, str]:
    found: dict[str, str] = page.evaluate(ANSWER, {"ask": ask, "ticket": ticket, "verification": verification})
    return found


def send(page: Page, to: str, **fields: str) -> tuple[int, str]:
    status, path = page.evaluate(SEND, {"to": to, "fields": fields})
    return status, path


FIRST = ("/sign-in/passkey", "/sign-in/passkey/ask")


def test_an_answer_is_good_once(chromium: Browser, url: str, sqlite_house: House) -> None:
    with with_authenticator(chromium) as (page, _devtools, _id):
        sign_up_and_add(page, sqlite_house, url)
        sign_out(page, url)
        page.goto(url + "/sign-in")
        given = answer(page, FIRST[1])
        cookies = page.context.cookies()
        assert send(page, FIRST[0], **given) == (200, "/account")
        page.context.clear_cookies()
        page.context.add_cookies(cookies)  # type: ignore[arg-type]
        page.goto(url + "/sign-in")
        assert send(page, FIRST[0], **given)[0] == 409
        page.goto(url + "/account")
        assert urlsplit(page.url).path == "/sign-in"


def test_an_answer_is_of_one_browser_and_does_not_keep(chromium: Browser, url: str, sqlite_house: House) -> None:
    with with_authenticator(chromium) as (page, _devtools, _id):
        sign_up_and_add(page, sqlite_house, url)
        sign_out(page, url)
        page.goto(url + "/sign-in")
        given = answer(page, FIRST[1])
        with opened(chromium) as other:
            other.goto(url + "/sign-in")
            assert send(other, FIRST[0], **given)[0] == 422
        sqlite_house.sql("UPDATE tickets SET created_at = created_at - 301")
        assert send(page, FIRST[0], **given)[0] == 422
    assert sqlite_house.count("sessions") == 0


def test_an_answer_of_one_purpose_is_none_of_another(chromium: Browser, url: str, sqlite_house: House) -> None:
    with with_authenticator(chromium) as (page, _devtools, _id):
        sign_up_and_add(page, sqlite_house, url)
        sign_out(page, url)
        enter_number(page, sqlite_house, url)
        ticket = page.input_value("[name=ticket]")
        second = answer(page, "/mfa/passkey/ask", ticket)
        assert send(page, FIRST[0], **second)[0] == 422
        page.goto(url + "/sign-in")
        first = answer(page, FIRST[1])
        assert send(page, "/mfa/passkey", ticket=ticket, **first)[0] == 422
        assert send(page, "/mfa/passkey", ticket=ticket, **second) == (200, "/account")


def test_the_server_itself_wants_a_finger_or_a_pin_for_the_first_step(
    chromium: Browser, url: str, sqlite_house: House
) -> None:
    with with_authenticator(chromium) as (page, _devtools, _id):
        sign_up_and_add(page, sqlite_house, url)
        sign_out(page, url)
        page.goto(url + "/sign-in")
        assert send(page, FIRST[0], **answer(page, FIRST[1], verification="discouraged"))[0] == 422
        page.goto(url + "/account")
        assert urlsplit(page.url).path == "/sign-in"


def test_a_signature_for_another_origin_is_refused(
    chromium: Browser, url: str, sqlite_house: House, tmp_path: Path
) -> None:
    """The same host at another port: the same passkey signs, and says where it was."""
    with (
        serving(sqlite_house.database_url, tmp_path / "instance") as elsewhere,
        with_authenticator(chromium) as (page, _devtools, _id),
    ):
        sign_up_and_add(page, sqlite_house, url)
        sign_out(page, url)
        page.goto(f"http://localhost:{urlsplit(elsewhere.url).port}/sign-in")
        given = answer(page, FIRST[1])
        page.goto(url + "/sign-in")
        assert send(page, FIRST[0], **given)[0] == 422
        assert send(page, FIRST[0], **answer(page, FIRST[1])) == (200, "/account")


ODD = ["", "x", "null", "[]", "{}", '{"id": 1}', '{"id": "AA", "response": null}', "[" * 5000, "\x00", '{"id": "é"}']


def test_what_is_no_answer_is_no_error(chromium: Browser, url: str, sqlite_house: House) -> None:
    with with_authenticator(chromium) as (page, _devtools, _id):
        sign_up_and_add(page, sqlite_house, url)
        page.goto(url + "/mfa/enrol/new-passkey")
        for odd in ODD:
            asked = json.loads(page.evaluate(ASK, "/mfa/enrol/new-passkey/ask"))["asked"]
            assert send(page, "/mfa/enrol/new-passkey", asked=asked, credential=odd)[0] == 422, odd[:99]
        sign_out(page, url)
        page.goto(url + "/sign-in")
        for odd in [*ODD, *broken(answer(page, FIRST[1])["credential"])]:
            asked = json.loads(page.evaluate(ASK, FIRST[1]))["asked"]
            assert send(page, FIRST[0], asked=asked, credential=odd)[0] == 422, odd[:99]
    assert sqlite_house.count("sessions") == 0


ASK = """async (url) => {
  const body = new FormData();
  body.append("csrf_token", document.querySelector("[name=csrf_token]").value);
  return (await fetch(url, { method: "POST", body })).text();
}"""


def broken(good: str) -> list[str]:
    """A real answer with one part of it spoiled."""
    found = []
    for name in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for value in ("", "AA", None, 5, "!", "A" * 3000):
            read = json.loads(good)
            read["response"][name] = value
            found.append(json.dumps(read))
    return found


def test_another_origin_gets_nothing(chromium: Browser, url: str, server: Server, sqlite_house: House) -> None:
    """At an address that is not the site's the button is not shown, and the browser itself refuses to ask."""
    with with_authenticator(chromium) as (page, _devtools, _id):
        sign_up_and_add(page, sqlite_house, url)
        sign_out(page, url)
        page.goto(server.url + "/sign-in")
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
        refused = page.evaluate(
            """() => navigator.credentials.get({publicKey: {challenge: new Uint8Array(32), rpId: "localhost"}})
            .then(() => "given", (error) => error.name)"""
        )
        assert refused == "SecurityError"


def test_without_javascript_the_button_is_not_shown(chromium: Browser, url: str) -> None:
    with opened(chromium, java_script_enabled=False) as page:
        page.goto(url + "/sign-in")
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
        expect(page.get_by_role("button", name="Send me a code")).to_be_visible()


def test_where_a_passkey_is_the_only_way_there_is_nothing_to_type(
    chromium: Browser, url: str, sqlite_house: House
) -> None:
    with with_authenticator(chromium) as (page, _devtools, _id):
        sign_up_and_add(page, sqlite_house, url)
        sign_out(page, url)
        sqlite_house.set(sign_up={"enabled": False}, sign_in={"phone": "off"})
        page.goto(url + "/sign-in")
        expect(page.locator("#phone")).to_have_count(0)
        press(page, "Sign in with a passkey")
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
