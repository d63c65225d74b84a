"""The example client against a served instance, and every example of the documents."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.account import api as account_api
from api.manage import api as manage_api
from api.schema import faults
from tests.api.kit import account_program, add_account_app, manage_program
from tests.house.source import ROOT
from tests.kit import House, Server, serving, wait_for
from tests.oidc.kit import E164, add_shop, signed_in

OPERATIONS = [each for api in (account_api, manage_api) for each in api.operations if each.takes]


@pytest.fixture(scope="module")
def client() -> Any:
    spec = importlib.util.spec_from_file_location("doorcode_client", ROOT / "examples/python_client/doorcode.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def server(sqlite_house: House, tmp_path: Path) -> Iterator[Server]:
    with serving(sqlite_house.database_url, tmp_path / "served", PUBLIC_URL=issuer(sqlite_house)) as server:
        yield server


def issuer(house: House) -> str:
    return house.services.environment.public_url


def test_a_back_end_sends_and_checks_codes(sqlite_house: House, server: Server, client: Any) -> None:
    machine = add_shop(sqlite_house, "machine", manage=["verifications", "users:read", "users:write"])
    manage = client.Management.signed_in(server.url, machine.client_id, machine.secret)
    sent = manage.send_code(E164, purpose="confirm-transfer", language="fr")
    with pytest.raises(client.ProblemError) as told:
        manage.check_code(sent, "000000")
    assert (told.value.kind, told.value.tries_left, told.value.status) == ("wrong_code", 4, 422)
    wait_for(sqlite_house, "accepted")
    assert manage.check_code(sent, sqlite_house.codes()[0]).to == E164
    made = manage.create_user(E164)
    assert manage.user(made.id) == made
    assert [each["value"] for each in manage.users(search=E164)] == [E164]


def test_an_application_looks_after_a_persons_numbers(sqlite_house: House, server: Server, client: Any) -> None:
    shop = add_account_app(sqlite_house)
    token = shop.tokens(signed_in(sqlite_house), scope="openid phone")["access_token"]
    sqlite_house.sql("UPDATE counters SET last_at = last_at - 3600 WHERE key LIKE 'wait:%'")
    account = client.Account(server.url, token)
    with pytest.raises(client.ProblemError, match="show first"):
        account.add_phone("+33687654321")
    [way] = account.call("GET", "/verifications/ways")["items"]
    proved = account.proved(account.begin_proof(way["id"]), code=sqlite_house.codes()[0])
    pending = proved.add_phone("+33687654321")
    proved.check_phone(pending, sqlite_house.codes()[0])
    first, second = proved.phones()
    proved.make_main(second)
    proved.remove(first)
    assert [each.value for each in account.phones()] == ["+33687654321"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_an_example_is_a_right_body(operation: Any) -> None:
    if operation.example is not None:
        assert list(faults(operation.takes, operation.example)) == []


def test_examples_that_need_nothing_else_work(sqlite_house: House) -> None:
    sqlite_house.set(connectors={"email": "development"})
    account, manage = account_program(sqlite_house).proved(), manage_program(sqlite_house, "verifications", "clients")
    sqlite_house.clock.forward(31)
    examples = {each.name: each for each in OPERATIONS}
    for program, name in (
        (account, "add_email"),
        (account, "change_username"),
        (account, "begin_verification"),
        (account, "change_password"),  # what was proved before is over then
        (manage, "create_client"),
        (manage, "send_verification"),
    ):
        sqlite_house.clock.forward(31)
        operation = examples[name]
        reply = program.call(operation.method, operation.path, operation.example)
        assert reply.status_code == operation.status, reply.text
