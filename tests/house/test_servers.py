"""The servers that tests run on are real, and each test has its database to itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from storage.database import open_database
from storage.migrate import is_current

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_has_a_migrated_database_of_its_own(database_url: str, turn: str) -> None:
    database = open_database(database_url)
    try:
        assert is_current(database)
        with database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE only_here (turn VARCHAR(10))")  # fails where a table is left over
    finally:
        database.engine.dispose()


def test_redis_is_a_server_of_its_own(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.set("doorcode-test", turn := os.urandom(8))
        assert client.getdel("doorcode-test") == turn


def test_chromium_runs(chromium_path: str) -> None:
    shown = subprocess.run([chromium_path, "--version"], check=True, capture_output=True, text=True).stdout
    assert "Chrom" in shown


SKIPPING = "import pytest\n\ndef test_one():\n    pytest.skip('redis: no redis-server found; set TEST_REDIS_URL')\n"


@pytest.mark.parametrize(("ci", "closing", "code"), [("", "1 skipped", 0), ("true", "1 failed", 1)])
def test_a_skipped_test_is_named_and_fails_in_ci(tmp_path: Path, ci: str, closing: str, code: int) -> None:
    (tmp_path / "test_sample.py").write_text(SKIPPING)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.conftest",
        "-c",
        str(ROOT / "pyproject.toml"),
        str(tmp_path),
    ]
    run = subprocess.run(command, cwd=ROOT, env=os.environ | {"CI": ci}, capture_output=True, text=True, check=False)
    assert run.returncode == code, run.stdout
    assert closing in run.stdout
    assert "NOT TESTED: redis: no redis-server found; set TEST_REDIS_URL" in run.stdout
