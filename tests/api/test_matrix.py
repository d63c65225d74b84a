"""Every operation of the Account API, called as it must not be: refused as it is documented."""

from __future__ import annotations

from typing import Any

import pytest

from api.account import api
from api.contract import Operation
from tests.api.kit import ACCOUNT, ALL_SCOPES, Program, add_account_app, manage_program, reason
from tests.kit import House
from tests.oidc.kit import add_shop, signed_in

NOBODYS = "0" * 32
BODIES: dict[str, Any] = {
    "begin_verification": {},
    "check_verification": {"password": "x"},
    "add_phone": {"value": "+33687654321"},
    "add_email": {"value": "ann@example.com"},
    "change_username": {"username": "ann"},
    "change_password": {"password": "seven tall lamps beside the river"},
    "rename_factor": {"name": "x"},
    "add_passkey": {"id": NOBODYS, "credential": {}},
}
SWITCHES = ("download", "delete")


def path(operation: Operation) -> str:
    return operation.path.replace("{id}", NOBODYS).replace("{client_id}", NOBODYS)


def body(operation: Operation) -> Any:
    return BODIES.get(operation.name, {"code": "123456"}) if operation.takes else None


@pytest.fixture
def people(sqlite_house: House) -> House:
    sqlite_house.set(connectors={"email": "development"}, second_factors={"policy": "offered", "totp": True})
    return sqlite_house


def told(program: Program, operation: Operation) -> tuple[int, str]:
    reply = program.call(operation.method, path(operation), body(operation))
    return reply.status_code, reason(reply) if reply.status_code >= 400 else ""


def test_without_a_token_for_this_api(people: House) -> None:
    browser = signed_in(people)
    others = add_shop(people).tokens(browser)["access_token"]
    machine = manage_program(people, "users:read").token
    for operation in api.operations:
        for token, expected in {"": "no_token", others: "bad_token", machine: "bad_token"}.items():
            assert told(Program(people, ACCOUNT, token), operation) == (401, expected), operation.name


def test_without_the_scope(people: House) -> None:
    browser, shop = signed_in(people), add_account_app(people)
    scopes = set(ALL_SCOPES.split())
    for missing in ("profile", "phone", "email", "mfa", "sessions"):
        token = shop.tokens(browser, scope=" ".join(scopes - {missing}))["access_token"]
        program = Program(people, ACCOUNT, token)
        concerned = [each for each in api.operations if missing in each.scope.split()]
        assert concerned
        for operation in concerned:
            assert told(program, operation) == (403, "scope_missing"), operation.name


def test_without_a_fresh_proof_or_with_one_for_something_else(people: House) -> None:
    browser, shop = signed_in(people), add_account_app(people)
    program = Program(people, ACCOUNT, shop.tokens(browser, scope=ALL_SCOPES)["access_token"])
    people.clock.forward(31)
    unproved = program.post("/verifications", {}).json["id"]
    proved = program.proved()
    people.clock.forward(31)
    adding = proved.post("/phones", {"value": "+33687654321"}).json["id"]
    people.clock.forward(700)
    stale = proved.headers["Doorcode-Verification-Id"]
    concerned = [each for each in api.operations if each.proof]
    assert len(concerned) > 15
    for operation in concerned:
        for verification in ("", unproved, adding, stale, NOBODYS, "x"):
            program.headers = {"Doorcode-Verification-Id": verification}
            assert told(program, operation) == (403, "proof_needed"), operation.name


def test_a_field_that_is_off_or_only_shown(people: House) -> None:
    browser, shop = signed_in(people), add_account_app(people)
    program = Program(people, ACCOUNT, shop.tokens(browser, scope=ALL_SCOPES)["access_token"]).proved()
    concerned = [each for each in api.operations if each.field]
    for operation in concerned:
        for value in [False] if operation.field in SWITCHES else ["off", "read"]:
            people.set(account_centre={operation.field: value})
            if value == "read" and not operation.changes:
                assert told(program, operation)[0] in (200, 404), operation.name
            else:
                assert told(program, operation) == (403, "switched_off"), operation.name
        people.set(account_centre={operation.field: operation.field in SWITCHES or "edit"})


def test_what_is_another_accounts(people: House) -> None:
    shop = add_account_app(people)
    ann = Program(people, ACCOUNT, shop.tokens(signed_in(people), scope=ALL_SCOPES)["access_token"])
    ben_browser = signed_in(people, "06 11 22 33 44")
    ben = Program(people, ACCOUNT, shop.tokens(ben_browser, scope=ALL_SCOPES)["access_token"])
    begun = ann.post("/verifications", {}).json["id"]
    ann, ben = ann.proved(), ben.proved()
    people.clock.forward(31)
    ids = {
        "/verifications/": begun,
        "/phones/": ann.get("/phones").json["items"][0]["id"],
        "/pending-phones/": ann.post("/phones", {"value": "+33687654321"}).json["id"],
        "/pending-emails/": ann.post("/emails", {"value": "ann@example.com"}).json["id"],
        "/totp/": ann.post("/totp").json["id"],
        "/sessions/": ann.get("/sessions").json["items"][0]["id"],
    }
    before = people.sql("SELECT value, account_id, is_primary FROM identifiers")
    for operation in api.operations:
        own = next((each for start, each in ids.items() if operation.path.startswith(start + "{")), None)
        if own is None:
            continue
        reply = ben.call(operation.method, operation.path.replace("{id}", own), body(operation))
        assert reply.status_code in (404, 409), (operation.name, reply.text)
    assert people.sql("SELECT value, account_id, is_primary FROM identifiers") == before
    assert ann.get("/sessions").json["items"]
