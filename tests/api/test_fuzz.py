"""The OpenAPI documents drive a fuzzer over a served instance, with real tokens: no 500, nothing undocumented."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from settings.clients import MANAGE_SCOPES
from tests.api import acts
from tests.api.kit import ACCOUNT, MANAGE, Program, account_program, manage_program
from tests.api.test_acts import begun
from tests.kit import House, serving
from tests.oidc.kit import account_id
from tests.oidc.test_organizations import add_organization, put_in

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "ignored_auth",
)
EXAMPLES = 10  # an operation, beside those at the limits of each field, which are some twenty
# What would end the fuzzer's own token goes last, by itself.
FINAL = ("delete_account", "revoke_application", "end_session", "end_other_sessions", "leave_organization")
# What takes away what others need, or puts the settings back, goes last as well.
FINAL_MANAGE = ("save_settings", "roll_back_settings", "delete_user", "delete_client", "delete_organization",
                "delete_webhook")  # fmt: skip


def fuzz(url: str, program: Program, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    headers = {"Authorization": f"Bearer {program.token}", **program.headers}
    command: list[str] = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}{program.api}/openapi.json"),
        *("--url", url + program.api, "--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES)),
        *("--phases", "examples,coverage,fuzzing", "--seed", "7", "--no-color", "--generation-database", "none"),
        *(word for name, value in headers.items() for word in ("--header", f"{name}: {value}")),
        *options,
    ]
    variables = os.environ | {"PYTHONWARNINGS": "ignore"}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)


def known(folder: Path, things: dict[str, str]) -> None:
    """Tell the fuzzer of things that are there: "/phones/{id}" and the id of one. To be busy is no fault."""
    lines = ["[checks.not_a_server_error]", 'expected-statuses = ["2xx", "3xx", "4xx", "503"]']
    for path, each in things.items():
        name = path.partition("{")[2].removesuffix("}")
        lines += ["[[operations]]", f"include-path-regex = '^{re.escape(path)}'"]
        lines += [f"parameters = {{ 'path.{name}' = '{each}', 'header.If-Match' = '*' }}"]
    (folder / "schemathesis.toml").write_text("\n".join(lines))


def check(run: subprocess.CompletedProcess[str]) -> None:
    assert run.returncode == 0, run.stdout + run.stderr
    assert "401 Unauthorized (" not in run.stdout, "the fuzzer never came in"


def issuer(house: House) -> str:
    """The served instance must be who the tokens say that it is."""
    return house.services.environment.public_url


def names(flag: str, operations: Sequence[str]) -> list[str]:
    return [word for name in operations for word in (flag, name)]


def test_the_account_api_keeps_its_word_whatever_is_sent(sqlite_house: House, tmp_path: Path) -> None:
    factors = {"policy": "offered", "totp": True, "passkey": True, "backup_codes": True}
    sqlite_house.set(connectors={"email": "development"}, second_factors=factors, sign_in={"username": "password"})
    program = account_program(sqlite_house).proved()
    acme = add_organization(sqlite_house)
    put_in(sqlite_house, acme, account_id(sqlite_house), "admin")
    sqlite_house.clock.forward(31)
    stage = acts.Stage(sqlite_house, sqlite_house.browser(), program)
    acts.program_adds("emails", value=acts.MAIL)(stage)
    acts.program_adds_app(stage)
    acts.links(stage)
    known(
        tmp_path,
        {
            "/emails/{id}": program.get("/emails").json["items"][0]["id"],
            "/factors/{id}": program.get("/factors").json["factors"][0]["id"],
            "/linked/{id}": program.get("/linked").json["items"][0]["id"],
            "/phones/{id}": program.get("/phones").json["items"][0]["id"],
            "/pending-phones/{id}": program.post("/phones", {"value": "+33687654321"}).json["id"],
            "/pending-emails/{id}": program.post("/emails", {"value": acts.OTHER_MAIL}).json["id"],
            "/totp/{id}": program.post("/totp").json["id"],
            "/verifications/{id}": program.post("/verifications", {}).json["id"],
            "/organizations/{id}": acme,
            "/acts/{id}": begun(program),
        },
    )
    sqlite_house.clock.ahead = 0
    with serving(sqlite_house.database_url, tmp_path / "served", PUBLIC_URL=issuer(sqlite_house)) as server:
        check(fuzz(server.url, program, tmp_path, *names("--exclude-operation-id", FINAL)))
        last = fuzz(server.url, program, tmp_path, *names("--include-operation-id", FINAL[:1]))
        assert last.returncode == 0, last.stdout
        assert "Traceback" not in server.log.read_text()


def test_the_management_api_keeps_its_word_whatever_is_sent(sqlite_house: House, tmp_path: Path) -> None:
    program = manage_program(sqlite_house, *MANAGE_SCOPES)
    sent = program.post("/verifications", {"to": "+33612345678", "purpose": "p"}).json
    url = "http://127.0.0.1:9/hooks"  # where nobody listens
    known(
        tmp_path,
        {
            "/users/{id}": program.post("/users", {"identifier": "+33687654321"}).json["id"],
            "/verifications/{id}": sent["id"],
            "/messages/{id}": sent["message_id"],
            "/settings/{section}": "codes",
            "/connectors/{name}": "development",
            "/organizations/{id}": program.post("/organizations", {"settings": {"name": "Acme"}}).json["id"],
            "/clients/{id}": program.post("/clients", {"kind": "native", "settings": {"name": "App"}}).json["id"],
            "/webhooks/{id}": program.post("/webhooks", {"url": url, "events": ["phone.added"]}).json["id"],
        },
    )
    with serving(sqlite_house.database_url, tmp_path / "served", PUBLIC_URL=issuer(sqlite_house)) as server:
        check(fuzz(server.url, program, tmp_path, *names("--exclude-operation-id", FINAL_MANAGE)))
        check(fuzz(server.url, program, tmp_path, *names("--include-operation-id", FINAL_MANAGE)))
        assert "Traceback" not in server.log.read_text()


def test_the_documents_are_openapi(sqlite_house: House) -> None:
    client = sqlite_house.app.test_client()
    for api in (ACCOUNT, MANAGE):
        document = client.get(f"{api}/openapi.json").json
        assert document["openapi"] == "3.1.0"
        listed = [op["operationId"] for path in document["paths"].values() for op in path.values()]
        assert len(listed) == len(set(listed))
