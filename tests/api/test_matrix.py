"""Every operation of the Account API, called as it must not be: refused as it is documented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from api.account import api
from api.account.acts import EXAMPLE
from tests.api.kit import ACCOUNT, ALL_SCOPES, NOBODYS, Program, add_account_app, called, manage_program
from tests.api.test_acts import begun
from tests.kit import House
from tests.oidc.kit import Shop, account_id, add_shop, signed_in
from tests.oidc.test_organizations import add_organization, put_in

SWITCHES = ("download", "delete")
# Of an operation with an id in its path or body, what stands there and is not the caller's own.
NOBODY_CAN_TELL = {
    "revoke_application": "an application is not an account's own: what is taken back is one's own grant",
    "forget_browser": "what is not there is forgotten already",
}


@pytest.fixture
def people(sqlite_house: House) -> House:
    sqlite_house.set(
        connectors={"email": "development"},
        second_factors={"policy": "offered", "totp": True, "passkey": True, "backup_codes": True},
        sign_in={"username": "password"},
    )
    return sqlite_house


def program_of(house: House, shop: Shop, number: str = "06 12 34 56 78") -> Program:
    return Program(house, ACCOUNT, shop.tokens(signed_in(house, number), scope=ALL_SCOPES)["access_token"])


def test_without_a_token_for_this_api(people: House) -> None:
    others = add_shop(people).tokens(signed_in(people))["access_token"]
    machine = manage_program(people, "users:read").token
    for token, expected in {"": "no_token", "rubbish": "bad_token", others: "bad_token", machine: "bad_token"}.items():
        program = Program(people, ACCOUNT, token)
        for operation in api.operations:
            assert called(program, operation) == (401, expected), operation.name


def test_without_the_scope(people: House) -> None:
    browser, shop = signed_in(people), add_account_app(people)
    scopes = set(ALL_SCOPES.split())
    for missing in api.scopes:
        token = shop.tokens(browser, scope=" ".join(scopes - {missing}))["access_token"]
        program = Program(people, ACCOUNT, token)
        concerned = [each for each in api.operations if missing in each.scope.split()]
        assert concerned
        for operation in concerned:
            assert called(program, operation) == (403, "scope_missing"), operation.name
    free = [each.name for each in api.operations if not each.scope]
    own = [name for name in free if "verification" in name or name == "list_ways" or "act" in name.split("_")]
    assert free == own, "only the proof, and that of an act, need no scope"


def test_without_a_fresh_proof_or_with_one_for_something_else(people: House) -> None:
    shop = add_account_app(people)
    program, bens = program_of(people, shop), program_of(people, shop, "06 11 22 33 44")
    browser = people.browser().sign_in("06 12 34 56 78").type_code()
    others = Program(people, ACCOUNT, add_account_app(people).tokens(browser, scope=ALL_SCOPES)["access_token"])
    people.set(limits={"resend_waits": ["0"]})
    unproved, stale = program.post("/verifications", {}).json["id"], program.proved()
    people.clock.forward(700)
    proofs = {
        "none": "",
        "rubbish": "x",
        "nobody's": NOBODYS,
        "not proved": unproved,
        "too old": proof_of(stale),
        "of another program": proof_of(others.proved()),
        "of another person": proof_of(bens.proved()),
        "for a new number": proved_for_a_number(people, program),
    }
    concerned = [each for each in api.operations if each.proof]
    assert len(concerned) > 15
    for which, verification in proofs.items():
        program.headers = {"Doorcode-Verification-Id": verification}
        for operation in concerned:
            assert called(program, operation) == (403, "proof_needed"), (operation.name, which)


def proof_of(program: Program) -> str:
    return program.headers["Doorcode-Verification-Id"]


def proved_for_a_number(house: House, program: Program) -> str:
    """A code that was typed, but to add a number with it."""
    adding: str = program.proved().post("/phones", {"value": "+33655443322"}).json["id"]
    assert program.post(f"/pending-phones/{adding}/check", {"code": house.newest_code()}).status_code == 204
    return adding


def test_a_field_that_is_off_or_only_shown(people: House) -> None:
    program = program_of(people, add_account_app(people)).proved()
    concerned = [each for each in api.operations if each.field]
    fields = {each.field for each in concerned}
    assert fields == set(people.services.settings().account_centre.__dict__) & fields
    for value in ("off", "read"):
        people.set(account_centre={name: value if name not in SWITCHES else False for name in fields})
        for operation in concerned:
            if value == "read" and not operation.changes and operation.field not in SWITCHES:
                assert called(program, operation)[0] in (200, 404), operation.name
            else:
                assert called(program, operation) == (403, "switched_off"), operation.name


def test_what_is_another_accounts(people: House) -> None:
    shop = add_account_app(people)
    ann, ann_id = program_of(people, shop), account_id(people)
    ben = program_of(people, shop, "06 11 22 33 44")
    begun = ann.post("/verifications", {}).json["id"]
    ann, ben = ann.proved(), ben.proved()
    people.clock.forward(31)
    theirs = ids_of(people, ann, ann_id) | {"/verifications/": begun}
    kept = {
        table: people.count(table)
        for table in ("identifiers", "factors", "sessions", "events", "messages", "invitations")
    }
    told = people.sql("SELECT value, account_id, is_primary FROM identifiers ORDER BY value")
    for operation in api.operations:
        if not operation.names or operation.name in NOBODY_CAN_TELL:
            continue
        own = next(each for start, each in theirs.items() if operation.path.startswith(start))
        assert called(ben, operation, own)[0] in (404, 409), operation.name
    assert ben.post("/passkeys", {"id": theirs["challenge"], "credential": {}}).status_code == 422
    assert kept == {table: people.count(table) for table in kept}
    assert people.sql("SELECT value, account_id, is_primary FROM identifiers ORDER BY value") == told
    assert ann.get("/sessions").json["items"]


def ids_of(house: House, ann: Program, ann_id: str) -> Mapping[str, Any]:
    """What stands in paths and is hers."""
    mail = ann.post("/emails", {"value": "ann@example.com"}).json["id"]
    assert ann.post(f"/pending-emails/{mail}/check", {"code": house.newest_code()}).status_code == 204
    acme = add_organization(house)
    put_in(house, acme, ann_id, "admin")
    return {
        "/organizations/": acme,
        "/acts/": begun(ann, EXAMPLE),
        "/linked/": NOBODYS,
        "/phones/": ann.get("/phones").json["items"][0]["id"],
        "/emails/": ann.get("/emails").json["items"][0]["id"],
        "/pending-phones/": ann.post("/phones", {"value": "+33687654321"}).json["id"],
        "/pending-emails/": ann.post("/emails", {"value": "ann@example.org"}).json["id"],
        "/totp/": ann.post("/totp").json["id"],
        "/factors/": NOBODYS,
        "/sessions/": ann.get("/sessions").json["items"][0]["id"],
        "challenge": ann.post("/passkeys/options").json["id"],
    }
