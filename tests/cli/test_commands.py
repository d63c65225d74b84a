"""The command line, as an operator has it: a process, its output and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from settings.console import first_settings
from tests.kit import PASSWORD, ROOT, SECRET_KEY, House, open_other_house
from tests.provider import Provider


def flask(house: House, *arguments: str, typed: str = "") -> tuple[int, str, str]:
    """In this process: what it ended with, what it printed, and all that it said."""
    variables = {"DOORCODE_ADMIN_PASSWORD": PASSWORD}
    said = house.app.test_cli_runner().invoke(args=arguments, input=typed, env=variables)
    return said.exit_code, said.stdout, said.output


def process(database_url: str, instance: Path, *arguments: str, typed: str = "", secret_key: str = SECRET_KEY) -> str:
    """A process of its own: what it printed, and its log after it."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("DOORCODE_")} | {
        "DOORCODE_DATABASE_URL": database_url,
        "DOORCODE_INSTANCE": str(instance),
        "DOORCODE_SECRET_KEY": secret_key,
    }
    command = [sys.executable, "-m", "flask", "--app", "app", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=variables, input=typed, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def set_up(house: House, provider: Provider) -> None:
    config = {"url": provider.url, "body": '{"to": "{to}", "text": "{text}"}', "headers": "Authorization: top-secret"}
    house.set(codes={"length": 8}, connectors={"active": "http", "configurations": {"http": config}})


def test_what_one_installation_exports_another_imports(sqlite_house: House, tmp_path: Path) -> None:
    """Also before it was ever started: its database is new."""
    url = f"sqlite:///{tmp_path / 'second.db'}"
    with Provider() as provider:
        set_up(sqlite_house, provider)
        code, exported, _said = flask(sqlite_house, "settings", "export", "--secrets")
        assert code == 0
        assert "Saved." in process(url, tmp_path / "second", "settings", "import", typed=exported)
        with open_other_house(url, tmp_path / "second") as other:
            other.browser().sign_in("06 12 34 56 78")
            other.deliver()
            assert len(provider.requests) == 1
            _code, again, _said = flask(other, "settings", "export", "--secrets")
            assert json.loads(again) == json.loads(exported)


def test_an_export_holds_no_secret_unless_asked_and_fits_the_schema(sqlite_house: House) -> None:
    with Provider() as provider:
        set_up(sqlite_house, provider)
        _code, exported, _said = flask(sqlite_house, "settings", "export")
        _code, schema, _said = flask(sqlite_house, "settings", "schema")
        assert "top-secret" not in exported
        jsonschema.Draft202012Validator(json.loads(schema)).validate(json.loads(exported))
        code, _output, said = flask(sqlite_house, "settings", "import", typed=exported)
        assert code == 0, said
        sqlite_house.services.settings.refresh()
        kept = sqlite_house.services.settings().connectors.configurations["http"]
        assert "top-secret" in kept["headers"]


def test_an_invalid_document_is_refused_with_path_and_reason_and_changes_nothing(sqlite_house: House) -> None:
    before = sqlite_house.count("settings_versions")
    wrong = {"codes": {"length": 99}, "nonsense": {}, "phones": {"countries": ["France"]}}
    code, _output, said = flask(sqlite_house, "settings", "import", typed=json.dumps(wrong))
    assert code != 0
    for words in ("codes.length: Choose a number from 4 to 10.", "nonsense: There is no section", "phones.countries:"):
        assert words in said
    for text in ("not json", "[]", '{"connectors": {"active": "sms-by-pigeon"}}'):
        assert flask(sqlite_house, "settings", "import", typed=text)[0] != 0
    assert sqlite_house.count("settings_versions") == before


def test_history_and_rollback(sqlite_house: House) -> None:
    sqlite_house.set(codes={"length": 8})
    version = sqlite_house.services.settings().version
    _code, output, _said = flask(sqlite_house, "settings", "history")
    assert "codes.length: 6 -> 8" in output
    assert flask(sqlite_house, "settings", "rollback", str(version - 1))[0] == 0
    assert flask(sqlite_house, "settings", "rollback", "999")[0] != 0
    sqlite_house.services.settings.refresh()
    assert sqlite_house.services.settings().codes.length == 6
    assert flask(sqlite_house, "settings", "rollback", "0")[0] == 0, "to before the first save"
    sqlite_house.services.settings.refresh()
    now = sqlite_house.services.settings()
    assert replace(now, version=0) == first_settings(production=False)


def test_an_admin_a_test_message_a_number_and_the_schema(sqlite_house: House) -> None:
    assert flask(sqlite_house, "admin", "create", "ada")[0] == 0
    assert flask(sqlite_house, "admin", "create", "ada")[0] != 0
    code, output, _said = flask(sqlite_house, "connector", "test", "+33612345678")
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


def test_a_database_that_is_older_is_left_alone(sqlite_house: House) -> None:
    sqlite_house.sql("UPDATE alembic_version SET version_num = '0001_the_house'")
    said = sqlite_house.app.test_cli_runner().invoke(args=("settings", "export"))
    assert (said.exit_code, said.output) == (
        1,
        "Error: The database is older than this code. Bring it up to date: flask --app app db upgrade\n",
    )


def test_with_another_key_secrets_are_empty_and_the_log_says_which(sqlite_house: House) -> None:
    with Provider() as provider:
        set_up(sqlite_house, provider)
    instance, other_key = sqlite_house.services.environment.instance, "another-key-0123456789-abcdefghijklmnop"
    said = process(sqlite_house.database_url, instance, "settings", "export", "--secrets", secret_key=other_key)
    document, end = json.JSONDecoder().raw_decode(said)
    assert document["connectors"]["configurations"]["http"]["headers"] == ""
    assert "connectors.configurations.http.headers" in said[end:]
