"""Every operation of the Management API, called as it must not be: refused as it is documented."""

from __future__ import annotations

from api.manage import api
from settings.clients import MANAGE_SCOPES
from tests.api.kit import MANAGE, NOBODYS, Program, account_program, called, manage_program
from tests.kit import House
from tests.oidc.kit import add_shop, signed_in


def test_without_a_token_for_this_api(sqlite_house: House) -> None:
    browser = signed_in(sqlite_house)
    others = add_shop(sqlite_house).tokens(browser)["access_token"]
    person = account_program(sqlite_house, browser).token
    for token, expected in {"": "no_token", "rubbish": "bad_token", others: "bad_token", person: "bad_token"}.items():
        program = Program(sqlite_house, MANAGE, token)
        for operation in api.operations:
            assert called(program, operation) == (401, expected), operation.name


def test_without_the_scope(sqlite_house: House) -> None:
    """With all others; reading and writing are two."""
    assert set(api.scopes) == set(MANAGE_SCOPES)
    for missing in MANAGE_SCOPES:
        program = manage_program(sqlite_house, *(set(MANAGE_SCOPES) - {missing}))
        concerned = [each for each in api.operations if each.scope == missing]
        assert concerned, f"{missing} opens nothing"
        for operation in concerned:
            assert called(program, operation) == (403, "scope_missing"), operation.name
    assert {each.scope for each in api.operations} == set(MANAGE_SCOPES), "each needs one scope"


def test_what_is_not_there(sqlite_house: House) -> None:
    program = manage_program(sqlite_house, *MANAGE_SCOPES)
    before = sqlite_house.count("audit")
    for operation in api.operations:
        if operation.names:
            assert called(program, operation, NOBODYS) == (404, "not_found"), operation.name
    assert sqlite_house.count("audit") == before


def test_without_saying_which_state_was_seen(sqlite_house: House) -> None:
    program = manage_program(sqlite_house, "settings")
    for operation in (each for each in api.operations if each.matched):
        assert called(program, operation, "codes", matched=False) == (428, "precondition_needed"), operation.name
