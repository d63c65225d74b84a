"""No statement looks through a table that grows with people or messages, but those that are named here.

Asked of SQLite's planner, which says what it does without any rows. PostgreSQL has the same indexes.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import TextualSelect, text
from sqlalchemy.sql.elements import TextClause

import storage
from storage import grants, pruning
from storage.database import Connection, open_database

SMALL = {
    *("admins", "alarms", "challenge_waits", "circuits", "clients", "device_codes", "invitation_files", "invitations"),
    *("message_counts", "number_claims", "organization_joining", "organizations", "settings_versions", "signing_keys"),
    *("webhook_endpoints", "webhook_subscriptions"),
}
ALL_ON_PURPOSE = {
    "accounts.COUNT_BY_ONE_KIND": "before an admin takes a kind of identifier away",
    "clients.DELETE": "with its consents",
    "counters.CLEAR_ALL": "Flask-Limiter's reset, which nothing calls",
    "pruning of refresh_tokens": "once an hour",
    "pruning of trusted_browsers": "once an hour",
    "pruning of webhook_deliveries": "once an hour",
    "upstream_identities.COUNT": "a page of the console",
    "users.COUNT": "a page of the console",
}
OF_POSTGRESQL = re.compile(r"pg_|set_config|FOR UPDATE|FOR NO KEY|LISTEN|AS json\)")


@pytest.fixture(scope="module")
def connection(sqlite_template: Path) -> Iterator[Connection]:
    database = open_database(f"sqlite:///{sqlite_template}")
    with database.read() as connection:
        yield connection
    database.engine.dispose()


def statements() -> dict[str, str]:
    """Every statement of the room, by module and name."""
    ours = {f"pruning of {table}": str(pruning.statement(table, sqlite=True)) for table in pruning.OVER}
    rooms = [importlib.import_module(f"storage.{each.name}") for each in pkgutil.iter_modules(storage.__path__)]
    return ours | {
        f"{room.__name__.removeprefix('storage.')}.{name}": str(
            value.element if isinstance(value, TextualSelect) else value
        )
        for room in rooms
        for name, value in vars(room).items()
        if isinstance(value, TextClause | TextualSelect)
    }


def plan(connection: Connection, statement: str) -> list[str]:
    """A line a step, such as ``SEARCH accounts USING INDEX ...``."""
    one = re.sub(r"\(?__\[POSTCOMPILE_(\w+)\]\)?", r"(:\1)", statement)
    names = dict.fromkeys(re.findall(r"(?<![:\w]):(\w+)", one))
    return [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {one}"), names)]


def scanned(connection: Connection, statement: str) -> set[str]:
    """The tables of which each row is looked at. An index that leads in order, or to few rows, is none of these."""
    named = re.findall(r"(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)\s+(?:AS\s+)?([a-z]\w*)", statement)
    aliases = {alias: table for table, alias in named}
    steps = [re.fullmatch(r"SCAN (\w+)(?: USING COVERING INDEX \w+)?", step) for step in plan(connection, statement)]
    return {aliases.get(step[1], step[1]) for step in steps if step}


def test_no_statement_looks_through_a_large_table(connection: Connection) -> None:
    ours = {name: one for name, one in statements().items() if not OF_POSTGRESQL.search(one)}
    tables = {row.name for row in connection.execute(text("SELECT name FROM sqlite_schema WHERE type = 'table'"))}
    found = {name: (scanned(connection, one) & tables) - SMALL for name, one in ours.items()}
    assert {name for name, large in found.items() if large} == ALL_ON_PURPOSE.keys()
    assert len(ours) > 250


@pytest.mark.parametrize("name", ["REDEEM", "USED_CODE", "ROTATE", "REFRESH"])
def test_a_code_or_token_is_found_without_its_clients_other_grants(connection: Connection, name: str) -> None:
    steps = plan(connection, str(getattr(grants, name)))
    assert not [step for step in steps if "ix_grants_client_id" in step]
