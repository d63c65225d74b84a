"""The command line, as an operator has it: a process, its output and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.kit import PASSWORD, ROOT, SECRET_KEY, House, open_house
from tests.provider import Provider


def flask(house: House, *arguments: str, typed: str = "", secret_key: str = SECRET_KEY) -> tuple[int, str, str]:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("DOORCODE_")} | {
        "DOORCODE_DATABASE_URL": house.database_url,
        "DOORCODE_INSTANCE": str(house.services.environment.instance),
        "DOORCODE_SECRET_KEY": secret_key,
        "DOORCODE_ADMIN_PASSWORD": PASSWORD,
    }
    command = [sys.executable, "-m", "flask", "--app", "app", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=variables, input=typed, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def set_up(house: House, provider: Provider) -> None:
    config = {"url": provider.url, "body": '{"to": "{to}", "text": "{text}"}', "headers": "Authorization: top-secret"}
    house.set(codes={"length": 8}, connectors={"active": "http", "configurations": {"http": config}})


def test_what_one_installation_exports_another_imports(
    sqlite_house: House, sqlite_template: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second.db"
    second.write_bytes(sqlite_template.read_bytes())
    with Provider() as provider, open_house(f"sqlite:///{second}", tmp_path / "second") as other:
        set_up(sqlite_house, provider)
        code, exported, _errors = flask(sqlite_house, "settings", "export", "--secrets")
        assert code == 0
        code, _output, errors = flask(other, "settings", "import", typed=exported)
        assert code == 0, errors
        other.services.settings.refresh()
        other.browser().sign_in("06 12 34 56 78")
        other.deliver()
        assert len(provider.requests) == 1
        _code, again, _errors = flask(other, "settings", "export", "--secrets")
        assert json.loads(again) == json.loads(exported)


def test_an_export_holds_no_secret_unless_asked_and_fits_the_schema(sqlite_house: House) -> None:
    with Provider() as provider:
        set_up(sqlite_house, provider)
        _code, exported, _errors = flask(sqlite_house, "settings", "export")
        _code, schema, _errors = flask(sqlite_house, "settings", "schema")
        assert "top-secret" not in exported
        jsonschema.Draft202012Validator(json.loads(schema)).validate(json.loads(exported))
        code, _output, errors = flask(sqlite_house, "settings", "import", typed=exported)
        assert code == 0, errors
        sqlite_house.services.settings.refresh()
        kept = sqlite_house.services.settings().connectors.configurations["http"]
        assert "top-secret" in kept["headers"]


def test_an_invalid_document_is_refused_with_path_and_reason_and_changes_nothing(sqlite_house: House) -> None:
    before = sqlite_house.count("settings_versions")
    wrong = {"codes": {"length": 99}, "nonsense": {}, "phones": {"countries": ["France"]}}
    code, _output, errors = flask(sqlite_house, "settings", "import", typed=json.dumps(wrong))
    assert code != 0
    for words in ("codes.length: Choose a number from 4 to 10.", "nonsense: There is no section", "phones.countries:"):
        assert words in errors
    for text in ("not json", "[]", '{"connectors": {"active": "sms-by-pigeon"}}'):
        assert flask(sqlite_house, "settings", "import", typed=text)[0] != 0
    assert sqlite_house.count("settings_versions") == before


def test_history_and_rollback(sqlite_house: House) -> None:
    sqlite_house.set(codes={"length": 8})
    version = sqlite_house.services.settings().version
    _code, output, _errors = flask(sqlite_house, "settings", "history")
    assert "codes.length: 6 -> 8" in output
    assert flask(sqlite_house, "settings", "rollback", str(version - 1))[0] == 0
    assert flask(sqlite_house, "settings", "rollback", "999")[0] != 0
    sqlite_house.services.settings.refresh()
    assert sqlite_house.services.settings().codes.length == 6


def test_an_admin_a_test_message_a_number_and_the_schema(sqlite_house: House) -> None:
    assert flask(sqlite_house, "admin", "create", "ada")[0] == 0
    assert flask(sqlite_house, "admin", "create", "ada")[0] != 0
    code, output, _errors = flask(sqlite_house, "connector", "test", "+33612345678")
    assert (code, output.strip()) == (0, "accepted")
    assert flask(sqlite_house, "connector", "test", "12")[0] != 0
    assert flask(sqlite_house, "numbers", "open", "+33612345678")[0] == 0
    assert flask(sqlite_house, "db", "upgrade")[0] == 0


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("admin", "create", "ann", "--password", "short"), "Use at least 15 characters."),
        (("numbers", "open", "0612"), "Start the number with + and its country code"),
        (("connector", "test", "0612"), "number: Start the number with +"),
        (("connector", "test", "+33612345678", "--name", "pigeon"), "There is no connector pigeon: africastalking "),
    ],
)
def test_what_is_refused_is_said_in_words(sqlite_house: House, typed: tuple[str, ...], words: str) -> None:
    said = sqlite_house.app.test_cli_runner().invoke(args=typed)
    assert (said.exit_code, words in said.output) == (1, True), said.output


def test_with_another_key_secrets_are_empty_and_the_log_says_which(sqlite_house: House) -> None:
    with Provider() as provider:
        set_up(sqlite_house, provider)
    code, output, errors = flask(
        sqlite_house, "settings", "export", "--secrets", secret_key="another-key-0123456789-abcdefghijklmnop"
    )
    assert code == 0
    assert json.loads(output)["connectors"]["configurations"]["http"]["headers"] == ""
    assert "connectors.configurations.http.headers" in errors
