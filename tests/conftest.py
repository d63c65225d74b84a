"""What every test can ask for: the real servers, and a database with its tables made.

What cannot be had here is skipped and named at the end of the run; with CI set in the environment it has failed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from sqlalchemy import make_url

from storage import database as database_module
from storage.migrate import upgrade
from tests import services
from tests.kit import House, open_house
from tests.provider import Provider
from tests.shelf import Shelf

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
DATABASES = ["sqlite", "postgresql"] + [f"postgresql-{n}" for n in range(2, len(services.database_servers()) + 1)]


def make_tables(url: str) -> None:
    """The one place where tests make the tables: once a kind of database; each test gets a copy."""
    upgrade(url)


@pytest.fixture(scope="session")
def postgresql_urls() -> Iterator[tuple[str, ...]]:
    """A database of each PostgreSQL server, from which others can be made."""
    if servers := services.database_servers():
        yield servers
    else:
        with _provided(services.postgresql()) as url:
            yield (url,)


@pytest.fixture(scope="session")
def postgresql_url(postgresql_urls: tuple[str, ...]) -> str:
    return postgresql_urls[0]


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    if url := services.named("redis-server"):
        yield url
    else:
        with _provided(services.redis_server()) as url:
            yield url


@pytest.fixture(scope="session")
def chromium_path() -> str:
    try:
        return services.chromium()
    except services.NotFoundError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_templates(postgresql_urls: tuple[str, ...]) -> Iterator[list[str]]:
    with ExitStack() as stack:
        templates = [stack.enter_context(postgresql_copy(url, "template0")) for url in postgresql_urls]
        for url in templates:
            make_tables(url)
        yield templates


@pytest.fixture(scope="session")
def postgresql_shelves(postgresql_urls: tuple[str, ...], postgresql_templates: list[str]) -> Iterator[list[Shelf]]:
    shelves = [Shelf(*pair) for pair in zip(postgresql_urls, postgresql_templates, strict=True)]
    yield shelves
    for shelf in shelves:
        shelf.clear()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own, its tables made and empty: each test runs once a kind of database."""
    if request.param == "sqlite":
        path = tmp_path / "doorcode.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        shelf = request.getfixturevalue("postgresql_shelves")[DATABASES.index(request.param) - 1]
        url = shelf.take()
        yield url
        shelf.put_back(url)


@contextmanager
def postgresql_copy(server: str, template: str | None) -> Iterator[str]:
    """A new database of a server, copied from another one and dropped at the end, whoever is still connected."""
    name = f"doorcode_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def _provided(server: AbstractContextManager[str]) -> Iterator[str]:
    with ExitStack() as stack:
        try:
            url = stack.enter_context(server)
        except services.NotFoundError as reason:
            pytest.skip(str(reason))
        yield url


def pytest_configure() -> None:
    """Let the servers be stopped also when the run is ended from outside."""
    for end in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _no_skip_in_ci((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _no_skip_in_ci((yield))


def _no_skip_in_ci(report: Report) -> Report:
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.longrepr = f"NOT TESTED: {_reason(report)}"
        report.outcome = "failed"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    for reason, times in reasons.items():
        terminalreporter.write_line(f"NOT TESTED: {reason} ({times} skipped)", red=True, bold=True)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Of the place, line and reason that a skip reports, the reason."""
    return str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr).removeprefix("Skipped: ")


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """The whole application, once on SQLite and once on PostgreSQL."""
    with open_house(database_url, tmp_path / "instance") as opened:
        yield opened


@pytest.fixture
def hasty_house(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house that waits for its database for a moment only."""
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.2)
    with open_house(database_url, tmp_path / "instance") as opened:
        yield opened


@pytest.fixture
def sqlite_house(sqlite_template: Path, tmp_path: Path) -> Iterator[House]:
    """The same on SQLite only, for what cannot differ between databases."""
    path = tmp_path / "doorcode.db"
    shutil.copyfile(sqlite_template, path)
    with open_house(f"sqlite:///{path}", tmp_path / "instance") as opened:
        yield opened


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A real HTTP server that plays the provider; ``house.use_provider(provider.url)`` sends to it."""
    with Provider() as running:
        yield running
