"""What is wrong with the environment is said in one line: which variable, what to do, and no password."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from settings.environment import StartError, read_environment
from tests.kit import ROOT, SECRET_KEY, House, environment

PRODUCTION = {
    "DOORCODE_ENV": "production",
    "DOORCODE_PUBLIC_URL": "https://login.example.com",
    "DOORCODE_SECRET_KEY": SECRET_KEY,
}


def said(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=arguments)
    return result.exit_code, result.output


def test_a_missing_key_is_one_line() -> None:
    variables = os.environ | PRODUCTION | {"DOORCODE_SECRET_KEY": ""}
    command = [sys.executable, "-m", "flask", "--app", "app", "serve"]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: DOORCODE_SECRET_KEY must be given in production: openssl rand -base64 48\n"


def test_in_production_too_the_folder_of_the_own_database_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "doorcode"
    app = create_app(read_environment(PRODUCTION | {"DOORCODE_INSTANCE": str(folder)}))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert said(app, "db", "upgrade")[0] == 0
    assert (folder / "doorcode.db").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match=r"DOORCODE_INSTANCE: .*file/doorcode cannot be made: Not a directory"):
        read_environment(PRODUCTION | {"DOORCODE_INSTANCE": str(tmp_path / "file" / "doorcode")})


@pytest.mark.parametrize(
    "url", ["localhost/doorcode", "mysql://a:secret@localhost/x", "postgresql://a:sec/ret@b:c@localhost/x"]
)
def test_what_is_no_address_of_a_database_is_refused_without_its_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(StartError) as refused:
        create_app(environment(url, tmp_path))
    assert "DOORCODE_DATABASE_URL" in str(refused.value)
    assert "postgresql://user:password@host/name" in str(refused.value)
    assert "sec" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("PUBLIC_URL", url) for url in ("https://", "login.example.com", "https://example.com/login", "https://a b")),
        *(("PUBLIC_URL", url) for url in ("https://example.com:port", "https://me@example.com", "https://a.example?b")),
        *(("REDIS_URL", url) for url in ("localhost:6379", "http://localhost")),
    ],
)
def test_an_address_that_cannot_work_is_refused_at_the_start(name: str, value: str) -> None:
    with pytest.raises(StartError, match=f"DOORCODE_{name} must be "):
        read_environment(PRODUCTION | {f"DOORCODE_{name}": value})


def test_an_address_of_ipv6_is_written_so_that_it_can_be_opened(tmp_path: Path) -> None:
    own = read_environment({"DOORCODE_HOST": "::1", "DOORCODE_INSTANCE": str(tmp_path)})
    assert own.public_url == "http://[::1]:8000"
    assert own.public_host == "::1"


@pytest.mark.parametrize("words", ["serve", "worker", "settings history", "settings export", "db upgrade"])
def test_a_database_that_is_away_is_one_line(words: str, tmp_path: Path) -> None:
    app = create_app(environment("postgresql://doorcode:secret@127.0.0.1:1/x", tmp_path))
    status, output = said(app, *words.split())
    assert status == 1
    assert output.startswith("Error: The database does not answer: connection failed")
    assert output.count("\n") == 1
    assert "secret" not in output


def test_what_is_no_settings_document_and_no_version_is_told(sqlite_house: House, tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000)
    status, output = said(sqlite_house.app, "settings", "import", str(tmp_path / "deep.json"))
    assert (status, output.startswith("This is not JSON: ")) == (1, True)
    assert said(sqlite_house.app, "settings", "rollback", "9" * 30)[0] == 2
