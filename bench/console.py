"""How fast the console's list of messages opens over a million of them, on both databases: ``python -m bench.console``.

``ARGS=--quick``: over fifty thousand.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from delivery.housekeeping import Housekeeping
from storage.database import Database, open_database
from storage.message_tables import messages
from storage.migrate import upgrade
from tests import services
from tests.kit import Browser, open_house
from tests.pages.test_console import in_console

MANY, FEW = 1_000_000, 50_000  # messages
TIMES = 5
LIST = "/admin/messages"
PAGES = {
    "no filter": LIST,
    "a rare kind of failure": f"{LIST}?refusal=blocked",
    "a rare country": f"{LIST}?country=IS",
    "a rare country and a state": f"{LIST}?country=IS&state=refused",
    "a common country and a connector never together": f"{LIST}?country=US&connector=tencent&usage=sign_in",
    "a rare usage": f"{LIST}?usage=bind_mfa",
    "all filters, nothing found": f"{LIST}?state=expired&connector=http&country=IS&usage=bind_mfa&time=week",
    "the last hour": f"{LIST}?time=hour",
    "figures of 90 days": f"{LIST}/figures?days=90",
}
DAY = 86400
BATCH = 10_000
# What messages are like, each with its share.
COUNTRIES = {"US": 400, "FR": 200, "GB": 150, "CN": 100, "DE": 100, "BR": 30, "IN": 15, "KE": 4.95, "IS": 0.05}
USAGES = {"sign_in": 790, "register": 200, "forgot_password": 9.9, "bind_mfa": 0.1}
CONNECTORS = {"twilio": 700, "gatewayapi": 295, "http": 5}
STATES = {"accepted": 950, "refused": 35, "withheld": 6, "unknown": 5, "expired": 3.9, "queued": 0.1}
REFUSALS = {"bad_number": 500, "temporary": 300, "throttled": 150, "sender_or_template": 49, "blocked": 1}

ATTEMPTS = text(
    """INSERT INTO attempts (message_id, number, connector, started_at, ended_at, outcome, refusal, code, detail)
    SELECT id, 1, connector, created_at, created_at + 0.4, state, refusal, '', '' FROM messages
    WHERE connector IS NOT NULL"""
)


def fill(database: Database, count: int) -> None:
    """So many messages of the last 30 days, always the same ones but for the time."""
    chance, now = random.Random(1), time.time()
    for begin in range(0, count, BATCH):
        with database.write() as connection:
            rows = list(_rows(chance, now - 30 * DAY, 30 * DAY / count, range(begin, min(begin + BATCH, count))))
            connection.execute(insert(messages), rows)
    with database.write() as connection:
        connection.execute(ATTEMPTS)
        if not database.is_sqlite:  # as autovacuum does within a minute
            connection.execute(text("ANALYZE messages"))


def _rows(chance: random.Random, since: float, apart: float, numbers: range) -> Iterator[dict[str, Any]]:
    def pick(shares: dict[str, float]) -> str:
        return chance.choices(list(shares), list(shares.values()))[0]

    for n in numbers:
        state, country, at = pick(STATES), pick(COUNTRIES), since + n * apart
        accepted = state == "accepted"
        yield {
            "id": f"{chance.getrandbits(128):032x}",
            "usage": pick(USAGES),
            "recipient": f"+1202{n:07d}",
            "country": country,
            "locale": "en",
            "digits": 6,
            "charges": "[]",
            "created_at": at,
            "expires_at": at + 600,
            "state": state,
            "refusal": pick(REFUSALS) if state == "refused" else None,
            "due_at": at,
            "attempts": 1,
            "connector": "tencent" if country == "CN" else pick(CONNECTORS),
            "provider_id": f"{n}" if accepted else None,
            "receipt": 3 if accepted and chance.random() < 0.9 else 0,
            "price": 0.05 if accepted else None,
            "currency": "EUR" if accepted else None,
            "verified_at": at + 30 if accepted and chance.random() < 0.8 else None,
        }


@contextmanager
def _at(url: str, folder: Path, count: int) -> Iterator[Browser]:
    """An admin's browser, before so many messages."""
    upgrade(url)
    database = open_database(url)
    fill(database, count)
    database.engine.dispose()
    with open_house(url, folder) as house:
        house.clock.forward(60)
        Housekeeping(house.services.database, house.services.settings, house.clock).count()
        yield in_console(house)


def measure(browser: Browser) -> dict[str, float]:
    """Milliseconds of each page, the worst of TIMES, the first one left out."""
    browser.open(PAGES["no filter"])
    return {name: max(_time(browser, path) for _ in range(TIMES)) for name, path in PAGES.items()}


def _time(browser: Browser, path: str) -> float:
    begun = time.perf_counter()
    assert browser.open(path).status == 200
    return (time.perf_counter() - begun) * 1000


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name, services.postgresql() as server:
        for title, url in (("SQLite", f"sqlite:///{name}/doorcode.db"), ("PostgreSQL", server)):
            with _at(url, Path(name) / title, count) as browser:
                found = measure(browser)
            print(f"the console's messages on {title}, {count:,} of them, ms at worst:")
            print("  " + "; ".join(f"{name} {milliseconds:.0f}" for name, milliseconds in found.items()))


if __name__ == "__main__":
    main(FEW if "--quick" in sys.argv else MANY)
