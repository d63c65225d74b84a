"""What the log says of an error: enough to find it, and nothing of anybody."""

from __future__ import annotations

import logging
from io import StringIO

import pytest

from cli.logs import JsonLines, RequestId, TextLines
from tests.kit import House

ADD = """INSERT INTO identifiers (kind, value, account_id, country, verified_at)
    VALUES (:kind, :value, :account, 'FR', 0)"""


def log_to(lines: StringIO, form: type[logging.Formatter]) -> logging.Logger:
    log, handler = logging.Logger("a test's own"), logging.StreamHandler(lines)
    handler.addFilter(RequestId())
    handler.setFormatter(form())
    log.addHandler(handler)
    return log


@pytest.mark.parametrize("form", [JsonLines, TextLines])
@pytest.mark.parametrize(("kind", "value"), [("phone", "+33612345678"), ("email", "ann@example.com")])
def test_an_error_of_the_database_quotes_nobody(
    house: House, form: type[logging.Formatter], kind: str, value: str
) -> None:
    house.sql("INSERT INTO accounts (id, created_at, locale) VALUES ('a', 0, 'en')")
    house.sql(ADD, kind=kind, value=value, account="a")
    log = log_to(lines := StringIO(), form)
    try:
        house.sql(ADD, kind=kind, value=value, account="a")
    except Exception:
        log.exception("a fault")
    told = lines.getvalue()
    assert "IntegrityError" in told
    assert "tests/kit.py" in told
    assert value not in told


def test_an_error_of_ours_quotes_no_number() -> None:
    log = log_to(lines := StringIO(), JsonLines)
    try:
        int("+33612345678x")
    except ValueError:
        log.exception("a fault")
    assert "ValueError" in lines.getvalue()
    assert "612345678" not in lines.getvalue()
