"""The console's messages: found by any quality, shared by their address, told step by step, saved as a file."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from sqlalchemy import text

from pages.console.export import harmless
from storage.messages import LEASE_SECONDS
from tests.kit import Browser, House
from tests.pages.test_console import in_console
from tests.provider import Provider

LIST = "/admin/messages"
ADD = """INSERT INTO messages (id, usage, channel, recipient, country, locale, digits, charges, created_at, expires_at,
    state, refusal, due_at, attempts, connector, receipt) VALUES (:id, :usage, 'sms', :recipient, :country, 'en', 6,
    '[]', :at, :at + 600, :state, :refusal, :at, 1, :connector, :receipt)"""
USUAL = {
    "usage": "sign_in",
    "recipient": "+33612345678",
    "country": "FR",
    "state": "accepted",
    "refusal": None,
    "connector": "http",
    "receipt": 0,
}
FIVE = {
    "plain": {},
    "british": {"country": "GB", "recipient": "+447400123456"},
    "refused": {"state": "refused", "refusal": "blocked"},
    "twilio": {"connector": "twilio"},
    "register": {"usage": "register"},
}


def put(house: House, message_id: str, ago: float = 0, **values: object) -> None:
    house.sql(ADD, id=message_id, at=house.clock() - ago, **(USUAL | values))


def ids(browser: Browser) -> list[str]:
    return re.findall(r'<td><a href="/admin/messages/(\w+)">', browser.page.text)


def following(browser: Browser, words: str) -> str:
    """Where a link of the page leads."""
    found = re.search(rf'href="([^"]*)"[^>]*>{words}<', browser.page.text)
    assert found, browser.text
    return html.unescape(found[1])


@pytest.fixture
def admin(house: House) -> Browser:
    return in_console(house)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("", {"plain", "british", "refused", "twilio", "register"}),
        ("?country=GB", {"british"}),
        ("?state=refused", {"refused"}),
        ("?refusal=blocked&country=FR", {"refused"}),
        ("?refusal=blocked&country=GB", set()),
        ("?connector=twilio&state=&country=", {"twilio"}),
        ("?usage=register&time=hour", {"register"}),
    ],
)
def test_each_filter_finds_its_own(house: House, admin: Browser, address: str, found: set[str]) -> None:
    for name, values in FIVE.items():
        put(house, name, ago=60, **values)
    assert set(ids(admin.open(LIST + address))) == found
    assert "Left out" not in admin.text


def test_a_time_is_an_hour_a_day_a_week_or_days(house: House, admin: Browser) -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp()
    house.clock.forward(noon - house.clock())
    admin = house.browser().open("/admin/sign-in").send(name="ada", password="correct horse battery staple", code="")
    hours = {"now": 0.1, "morning": 11.9, "yesterday": 12.1, "sunday": 50, "february": 24 * 20}
    for name, ago in hours.items():
        put(house, name, ago=ago * 3600)
    assert ids(admin.open(f"{LIST}?time=hour")) == ["now"]
    assert ids(admin.open(f"{LIST}?time=day")) == ["now", "morning", "yesterday"]
    assert ids(admin.open(f"{LIST}?time=week")) == ["now", "morning", "yesterday", "sunday"]
    assert ids(admin.open(f"{LIST}?from=2026-03-10")) == ["now", "morning"]
    assert ids(admin.open(f"{LIST}?from=2026-03-01&to=2026-03-09")) == ["yesterday", "sunday"]
    assert ids(admin.open(f"{LIST}?time=day&to=2026-03-09")) == ["yesterday"]


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("state=gone", "State"),
        ("country=XX&country=FR", "Country"),
        ("connector=nobody", "Connector"),
        ("usage=%00", "Usage"),
        ("refusal='--", "Kind of failure"),
        ("time=century", "Time"),
        ("from=2026-02-30", "From"),
        ("to=9999-12-31", "Until"),
        ("older=%F0%9F%98%80", "Page"),
        ("older=bmFuIHg", "Page"),
        ("state=gone&to=tomorrow", "State, Until"),
    ],
)
def test_what_makes_no_sense_is_left_out_and_named(house: House, admin: Browser, address: str, named: str) -> None:
    put(house, "one")
    admin.open(f"{LIST}?{address}")
    assert (admin.status, ids(admin)) == (200, ["one"])
    assert f"Left out, for it makes no sense: {named}." in admin.text


def test_pages_show_each_message_once_whatever_comes_meanwhile(house: House, admin: Browser) -> None:
    for n in range(120):
        put(house, f"n{n:03d}", ago=600 + n // 10, country="FR")  # ten of each moment
        put(house, f"x{n:03d}", ago=600 + n // 10, country="GB")
    admin.open(f"{LIST}?country=FR")
    seen, first = ids(admin), ids(admin)
    put(house, "late")
    while ">Older<" in admin.page.text:
        admin.open(following(admin, "Older"))
        seen += ids(admin)
        assert len(seen) <= 120
    assert (len(first), sorted(seen)) == (50, [f"n{n:03d}" for n in range(120)])
    assert ids(admin.open(following(admin, "Newest")))[0] == "late"


def test_nothing_found_says_so_and_leads_back(house: House, admin: Browser) -> None:
    put(house, "one")
    admin.open(f"{LIST}?country=GB")
    assert "No message is like that." in admin.text
    assert ids(admin.open(following(admin, "Show all"))) == ["one"]


def test_the_form_keeps_what_was_chosen(house: House, admin: Browser) -> None:
    put(house, "one")
    admin.open(f"{LIST}?country=FR&time=week&from=2026-01-02")
    assert re.findall(r'<option value="(\w+)" selected>', admin.page.text) == ["FR", "week"]
    assert admin.field("from") == "2026-01-02"
    assert following(admin, "Save as CSV") == f"{LIST}.csv?country=FR&time=week&from=2026-01-02"


@pytest.fixture
def standby() -> Iterator[Provider]:
    with Provider() as running:
        yield running


def test_the_life_of_a_message_that_two_connectors_had(
    house: House, admin: Browser, provider: Provider, standby: Provider
) -> None:
    twilio = {"account_sid": "AC" + "0" * 32, "auth_token": "t", "sender": "+15005550006", "base_url": standby.url}
    house.set(
        connectors={
            "active": "http",
            "standby": "twilio",
            "configurations": {
                "http": {"url": provider.url, "body": '{"to": "{to}", "text": "{text}"}'},
                "twilio": twilio,
            },
        }
    )
    provider.answer(402, {"error": "no credit for +33612345678"})
    standby.answer(201, {"sid": "SM1", "status": "queued"})
    person = house.browser().open("/sign-up").send(country="FR", phone="06 12 34 56 78")
    house.deliver()
    (row,) = house.sql("SELECT id, created_at FROM messages")
    report(house, "SM1", 3, house.clock() + 2)
    house.clock.forward(5)
    person.send(person.path, code=house.codes()[0])
    house.worker.learning.run()
    admin.open(f"{LIST}/{row.id}")
    steps = re.findall(r"<li>\s*<p class=\"soft small\">.*?</li>", admin.page.text, re.S)
    told = [" ".join(re.sub(r"<[^>]+>", " ", step).split()) for step in steps]
    assert ["Asked for" in told[0], "Given to HTTP API" in told[1], "Given to Twilio" in told[2]] == [True] * 3
    assert "No balance" in told[1]
    assert "402" in told[1]
    assert "The call took " in told[1]
    assert "Another connector, for HTTP API refused it: No balance." in told[2]
    assert "taken by the provider" in told[2]
    assert "Report of the provider : delivered" in told[3]
    assert "The code was typed" in told[4]
    assert "345678" not in admin.page.text.replace(row.id, "")
    assert "••• 78" in admin.text
    assert house.codes()[0] not in admin.page.text.replace(row.id, "")


def report(house: House, provider_id: str, state: int, at: float) -> None:
    """As the provider's receipt leaves it."""
    house.sql(
        "INSERT INTO receipts (connector, provider_id, state, code, detail, received_at) VALUES"
        " ('twilio', :id, :state, '', '', :at)",
        id=provider_id,
        state=state,
        at=at,
    )
    house.sql(
        "UPDATE messages SET receipt = :state, receipt_at = :at, price = 0.0123, currency = 'EUR'", state=state, at=at
    )


def test_a_call_that_never_ended_may_have_been_sent(house: House, admin: Browser) -> None:
    put(house, "one", state="sending")
    house.sql(
        "INSERT INTO attempts (message_id, number, connector, started_at, outcome) VALUES"
        " ('one', 1, 'http', :at, 'calling')",
        at=house.clock(),
    )
    assert "Given to HTTP API : being sent" in admin.open(f"{LIST}/one").text
    house.clock.forward(LEASE_SECONDS + 1)
    assert "may have been sent: the call never ended" in admin.open(f"{LIST}/one").text


def test_a_message_costs_what_its_provider_said(house: House, admin: Browser) -> None:
    put(house, "one")
    assert "The provider has told none." in admin.open(f"{LIST}/one").text
    house.sql("UPDATE messages SET price = 0.0123, currency = 'USD'")
    assert "0.0123 USD" in admin.open(f"{LIST}/one").text
    assert "0.0123 USD" in admin.open(LIST).text


@pytest.mark.parametrize("name", ["nobody", "%00", quote("../audit", safe=""), "x" * 5000])
def test_a_message_that_is_not_there_is_not_found(house: House, admin: Browser, name: str) -> None:
    assert admin.open(f"{LIST}/{name}").status == 404


def rows_of(admin: Browser, address: str) -> list[dict[str, str]]:
    admin.open(f"{LIST}.csv{address}")
    assert admin.page.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(admin.page.data.decode("utf-8-sig"), newline="")))


def test_the_file_has_the_same_messages_masked(house: House, admin: Browser) -> None:
    for name, values in FIVE.items():
        put(house, name, **values)
    rows = rows_of(admin, "?country=FR&connector=http")
    assert {row["id"] for row in rows} == {"plain", "refused", "register"}
    assert admin.page.content_type == "text/csv; charset=utf-8"
    assert re.fullmatch(
        r"attachment; filename=messages-\d{4}-\d\d-\d\d\.csv", admin.page.headers["Content-Disposition"]
    )
    assert admin.page.headers["Cache-Control"] == "no-store"
    assert "+33612345678" not in admin.page.text
    assert {row["to"] for row in rows} == {"••• 78"}


def test_the_file_goes_on_over_many_lookups_in_order(house: House, admin: Browser) -> None:
    many = [USUAL | {"id": f"n{n:04d}", "at": house.clock() - n // 3} for n in range(2500)]
    with house.services.database.write() as connection:
        connection.execute(text(ADD), many)
    rows = rows_of(admin, "")
    assert len(rows) == len({row["id"] for row in rows}) == 2500
    assert [row["asked_at"] for row in rows] == sorted((row["asked_at"] for row in rows), reverse=True)


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(house: House, admin: Browser, cell: str) -> None:
    put(house, "one")
    house.sql(
        "INSERT INTO attempts (message_id, number, connector, started_at, outcome, code, detail) VALUES"
        " ('one', 1, 'http', 1, 'refused', :cell, :cell)",
        cell=cell,
    )
    (row,) = rows_of(admin, "")
    assert (row["provider_code"], row["provider_words"]) == ("'" + cell, "'" + cell)


@pytest.mark.parametrize("cell", ["a=1", "12", " =1", ""])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


def test_only_an_admin_gets_any_of_it(house: House) -> None:
    put(house, "one")
    for path in (LIST, f"{LIST}/one", f"{LIST}.csv", f"{LIST}/figures"):
        assert house.browser().open(path).path == "/admin/sign-in"
