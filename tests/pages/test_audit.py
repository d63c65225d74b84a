"""The audit log: found by who, what, about and when; saved as a file; and for those only whose role reads it."""

from __future__ import annotations

import csv
import io

import pytest

import pages.console.audit
from flows import audit_log
from pages.console.audit import AREAS
from tests.kit import Browser, House
from tests.pages.test_console import in_console
from tests.pages.test_users import with_role

DAY = 86400


def entries(house: House) -> Browser:
    """A console with four entries beside the admin's own, on four days of 2025."""
    browser = in_console(house)
    for day, (actor, action, details) in enumerate(
        [
            ("grace", "user.suspended", '{"user": "abc_123"}'),
            ("grace", "user.opened", '{"user": "abcX123"}'),
            (
                "linus",
                "settings.saved",
                '{"version": 7, "changed": ["codes.length", "money.day"], "address": "192.0.2.9"}',
            ),
            ("=linus", "user.deleted", '{"user": "ünal", "reason": "50% of it"}'),
        ]
    ):
        house.sql(
            "INSERT INTO audit (at, actor, action, details) VALUES (:at, :actor, :action, :details)",
            at=1_735_689_600 + day * DAY + 60,
            actor=actor,
            action=action,
            details=details,
        )
    return browser


def shown(browser: Browser, **filters: str) -> list[str]:
    browser.page = browser.client.get("/admin/audit", query_string=filters)
    assert browser.status == 200
    names = ("user.suspended", "user.opened", "settings.saved", "user.deleted")
    return [name for name in names if f"<td>{name}</td>" in browser.page.text]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"who": "GRACE"}, ["user.suspended", "user.opened"]),
        ({"who": "grac"}, []),
        ({"what": "settings"}, ["settings.saved"]),
        ({"what": "user", "from": "2025-01-02", "to": "2025-12-31"}, ["user.opened", "user.deleted"]),
        ({"from": "2025-01-02", "to": "2025-01-02"}, ["user.opened"]),
        ({"about": "abc_123"}, ["user.suspended"]),
        ({"about": "50%"}, ["user.deleted"]),
        ({"about": "ünal"}, ["user.deleted"]),
        ({"about": "' OR 1=1 --"}, []),
    ],
)
def test_each_filter_finds_its_own(house: House, filters: dict[str, str], found: list[str]) -> None:
    browser = entries(house)
    assert shown(browser, **filters) == found
    if not found:
        assert "Nothing is like that." in browser.text


@pytest.mark.parametrize("filters", [{"what": "x"}, {"from": "yesterday"}, {"to": "9999-12-31"}, {"older": "-1"}])
def test_a_filter_that_makes_no_sense_is_left_out_and_said(house: House, filters: dict[str, str]) -> None:
    browser = entries(house)
    assert len(shown(browser, **filters)) >= 3
    assert "makes no sense" in browser.text


def test_whatever_is_offered_as_a_filter_is_one() -> None:
    assert set(pages.console.audit.AREAS) == set(audit_log.AREAS)


def test_pages_go_on_where_the_last_one_ended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "SHOWN", 2)
    browser = entries(house)
    seen = shown(browser, what="user")
    assert seen == ["user.opened", "user.deleted"]
    assert "older=" in browser.page.text
    wanted, _wrong = audit_log.read_wanted({"what": "user"})
    older = audit_log.find(house.services, wanted).older
    assert shown(browser, what="user", older=str(older)) == ["user.suspended"]


def test_the_file_holds_what_the_filters_ask_for_and_no_formula(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "AT_ONCE", 2)
    browser = entries(house)
    reply = browser.client.get("/admin/audit.csv", query_string={"from": "2025-01-01", "to": "2025-01-31"})
    assert reply.headers["Content-Disposition"].startswith("attachment; filename=audit-")
    rows = list(csv.DictReader(io.StringIO(reply.text.removeprefix("\ufeff"))))
    assert [row["what"] for row in rows] == ["user.deleted", "settings.saved", "user.opened", "user.suspended"]
    assert rows[0]["who"] == "'=linus"
    assert rows[1]["address"] == "192.0.2.9"
    assert rows[1]["about"] == "version: 7, changed: codes.length money.day"
    assert rows[0]["at"].startswith("2025-01-04T00:01:00")


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("admin", 200), ("support", 403)])
def test_who_may_read_it(house: House, role: str, status: int) -> None:
    browser = with_role(house, entries(house), role)
    for path in ("/admin/audit", "/admin/audit.csv"):
        assert browser.client.get(path).status_code == status


def test_each_part_of_the_house_that_is_offered_can_be_chosen(sqlite_house: House) -> None:
    browser = in_console(sqlite_house)
    assert set(AREAS) == set(audit_log.AREAS)
    for area in AREAS:
        browser.open(f"/admin/audit?what={area}")
        assert "makes no sense" not in browser.text, area
