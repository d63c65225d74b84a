"""Messages are counted by the day before they are removed, as often as one likes, and what was counted stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from delivery import housekeeping as module
from delivery.housekeeping import COUNT_EVERY, DAY, HOUR, Housekeeping, over
from storage import counters, pruning
from storage.counters import Raise
from tests.kit import House
from tests.pages.test_console import in_console, in_console_again
from tests.provider import PATIENCE

ADD = text(
    """INSERT INTO messages (id, usage, channel, recipient, country, locale, digits, charges, created_at, expires_at,
    state, due_at, attempts, connector, receipt, verified_at, price, currency) VALUES (:id, :usage, :channel,
    '+33612345678', :country, 'en', 6, '[]', :at, :at, :state, :at, 1, :connector, :receipt, :verified_at, :price,
    :currency)"""
)
USUAL: dict[str, Any] = {
    "usage": "sign_in",
    "channel": "sms",
    "country": "FR",
    "state": "accepted",
    "connector": "twilio",
    "receipt": 0,
    "verified_at": None,
    "price": None,
    "currency": None,
}
NOON = datetime(2027, 3, 10, 12, tzinfo=UTC).timestamp()
TODAY = int(NOON // DAY)


@pytest.fixture
def noon(house: House) -> House:
    """The house at noon of a day, UTC."""
    house.clock.stop()
    house.clock.forward(NOON - house.clock())
    return house


def put(house: House, count: int = 1, ago: float = 60, **values: Any) -> None:
    at = house.clock() - ago
    rows = [USUAL | values | {"id": f"{house.count('messages')}-{n}", "at": at} for n in range(count)]
    with house.services.database.write() as connection:
        connection.execute(ADD, rows)


def housekeeping(house: House) -> Housekeeping:
    return Housekeeping(house.services.database, house.services.settings, house.clock)


def days(house: House) -> list[tuple[Any, ...]]:
    statement = """SELECT day, connector, country, usage, sent, failed, delivered, verified, cost FROM message_days
        ORDER BY day, connector, country, usage"""
    return [(row[0] - TODAY, *row[1:-1], round(row[-1], 4)) for row in house.sql(statement)]


def test_each_message_counts_where_it_belongs(noon: House) -> None:
    put(noon, 3, receipt=3)
    put(noon, 2, state="unknown", verified_at=1.0)
    put(noon, 4, state="refused", receipt=0)
    put(noon, 1, state="expired", connector=None)
    put(noon, 1, country="GB", usage="register", price=0.2, currency="EUR")
    put(noon, 1, country="GB", usage="register", price=0.2, currency="USD")
    put(noon, 1, channel="email", country="")
    for state in ("queued", "sending", "withheld"):
        put(noon, state=state)
    put(noon, ago=12 * 3600)  # midnight is today's
    put(noon, ago=12 * 3600 + 1)
    housekeeping(noon).count()
    assert days(noon) == [
        (-1, "twilio", "FR", "sign_in", 1, 0, 0, 0, 0.05),
        (0, "", "FR", "sign_in", 0, 1, 0, 0, 0),
        (0, "twilio", "", "sign_in", 1, 0, 0, 0, 0),
        (0, "twilio", "FR", "sign_in", 6, 4, 3, 2, 0.3),
        (0, "twilio", "GB", "register", 2, 0, 0, 0, 0.25),
    ]


def test_the_last_days_are_counted_again_every_five_minutes(noon: House) -> None:
    for ago in (0, 2, 4):
        put(noon, 2, ago=60 + ago * DAY)
    keeper = housekeeping(noon)
    keeper.run_if_due()
    assert [(row[0], row[6]) for row in days(noon)] == [(-4, 0), (-2, 0), (0, 0)]
    noon.sql("UPDATE messages SET receipt = 3")
    noon.clock.forward(COUNT_EVERY - 1)
    keeper.run_if_due()
    assert sum(row[6] for row in days(noon)) == 0
    noon.clock.forward(2)
    keeper.run_if_due()
    assert [(row[0], row[6]) for row in days(noon)] == [(-4, 0), (-2, 2), (0, 2)]


def test_a_day_that_was_missed_is_made_up_for(noon: House) -> None:
    housekeeping(noon).count()
    put(noon, 2, ago=0)
    noon.clock.forward(9 * DAY)
    housekeeping(noon).count()
    assert [(row[0], row[4]) for row in days(noon)] == [(0, 2)]


def test_only_one_worker_counts(noon: House) -> None:
    housekeeping(noon).count()
    put(noon)
    housekeeping(noon).count()
    assert days(noon) == []


def test_what_is_removed_was_counted_and_stays_counted(noon: House) -> None:
    put(noon, 3, ago=29.9 * DAY)
    put(noon, 2, ago=30.4 * DAY)
    put(noon, 4, ago=45 * DAY)
    keeper = housekeeping(noon)
    keeper.count()
    noon.sql("UPDATE messages SET receipt = 3")  # too late for any count but the one before they go
    counted = [(-45, 4, 4), (-30, 5, 5)]
    for hours in (0, 5, 20):
        noon.clock.forward(hours * HOUR)
        keeper.run()
        assert [(row[0], row[4], row[6]) for row in days(noon)] == counted
    assert noon.count("messages") == 0


def test_how_long_messages_are_kept_is_a_setting(noon: House) -> None:
    for ago in (0.5, 2, 6):
        put(noon, ago=ago * DAY)
    noon.set(messages={"kept_days": 3})
    housekeeping(noon).run()
    assert noon.count("messages") == 2
    noon.set(messages={"kept_days": 1})
    housekeeping(noon).run()
    assert noon.count("messages") == 1
    assert [row[0] for row in days(noon)] == [-6, -2]


def test_the_figures_are_shown_with_when_they_were_counted(noon: House) -> None:
    browser = in_console(noon).open("/admin/messages/figures")
    assert "Not counted yet." in browser.text
    put(noon, 8, receipt=3, verified_at=1.0)
    put(noon, 2, country="GB", connector="http")
    put(noon, 5, ago=20 * DAY, country="GB")
    put(noon, 7, ago=80 * DAY, country="DE")
    housekeeping(noon).count()
    browser = in_console_again(noon).open("/admin/messages/figures?days=7")
    assert "As of 10 March, 12:00 UTC" in browser.text
    assert "10 Mar 2027 10 8 8 0 0.5" in browser.text
    assert "In all 10 8 8 0 0.5" in browser.text
    assert "France 8 100% 100% 0 0.4 United Kingdom 2 0% 0% 0 0.1" in browser.text
    assert "Twilio 8 100% 100% 0 0.4" in browser.text
    assert browser.page.text.count("<title>") == 1 + 2 * 7
    assert "In all 15" in browser.open("/admin/messages/figures?days=30").text
    assert "In all 22" in browser.open("/admin/messages/figures?days=90").text
    assert browser.open("/admin/messages/figures?days=x").status == 200


def test_a_ticket_stays_until_its_proof_is_learnt(house: House) -> None:
    house.browser().sign_in("06 12 34 56 78").type_code()
    house.clock.forward(3 * DAY)
    housekeeping(house).run()
    house.worker.learning.run()
    assert house.sql("SELECT verified_at - created_at < 60 AS in_time FROM messages")[0].in_time
    housekeeping(house).run()
    assert house.count("tickets") == 0


# These go with a row that they belong to, or stay: as many as there are people, admins, applications and settings.
STAY = {
    *("accounts", "admins", "attempts", "audit", "authorization_codes", "circuits", "client_secrets", "clients"),
    *("consents", "factors", "gate_passes", "identifiers", "invitation_lines", "invitation_links", "message_counts"),
    *("message_days", "organization_joining", "organization_members", "organizations", "protected_origins"),
    *("settings_versions", "setup_links", "subjects", "upstream_arrivals", "upstream_identities", "webhook_endpoints"),
    "webhook_subscriptions",
}
BY_OTHERS = {"logout_notices", "signing_keys"}  # delivery/logout.py, rules/signing.py


def test_whatever_grows_with_use_is_removed(sqlite_house: House) -> None:
    removed = {*over(0, 0), "messages"}
    assert removed == pruning.OVER.keys()
    tables = {row.name for row in sqlite_house.sql("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert tables - removed - {"alembic_version", "sqlite_sequence"} == STAY | BY_OTHERS


def raise_some(house: House, *keys: str) -> None:
    with house.services.database.write() as connection:
        counters.raise_all(connection, [Raise(key, HOUR) for key in keys], house.clock())


def test_what_is_over_goes_a_piece_at_a_time(noon: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    put(noon, 5, ago=31 * DAY)
    raise_some(noon, *"abcde")
    noon.clock.forward(2 * HOUR + 1)
    raise_some(noon, "f")
    housekeeping(noon).run()
    assert noon.count("messages") == 0
    assert [row.key for row in noon.sql("SELECT key FROM counters WHERE length(key) = 1")] == ["f"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_what_somebody_holds_is_left_for_the_next_time(noon: House) -> None:
    raise_some(noon, *"abcde")
    noon.clock.forward(2 * HOUR + 1)
    with ThreadPoolExecutor(1) as other, noon.services.database.write() as connection:
        counters.raise_all(connection, [Raise("c", HOUR)], noon.clock())
        other.submit(housekeeping(noon).run).result(timeout=PATIENCE)
    assert [row.key for row in noon.sql("SELECT key FROM counters WHERE length(key) = 1")] == ["c"]
