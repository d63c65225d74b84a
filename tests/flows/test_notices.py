"""Notices: who is told, in which language, and that no limit that keeps one back keeps the change back."""

from __future__ import annotations

import pytest

from delivery.render import render
from flows import notices
from settings.email_templates import EMAILS
from settings.environment import Environment
from settings.templates import NOTICES, TEXTS
from storage import messages
from storage.accounts import EMAIL, PHONE, Identifier
from tests.kit import SECRET_KEY, House

USAGE = "notice_password_changed"
FIRST, SECOND, ADDRESS = "+33612345678", "+447400123456", "zaphira@kelpworks.example"


@pytest.fixture
def account(house: House) -> str:
    house.sql("INSERT INTO accounts (id, created_at, locale) VALUES ('me', 0, 'fr')")
    for kind, value, country in (
        (PHONE, FIRST, "FR"),
        (PHONE, SECOND, "GB"),
        (EMAIL, ADDRESS, ""),
        ("username", "me", ""),
    ):
        house.sql(
            "INSERT INTO identifiers (kind, value, account_id, country, verified_at, is_primary) "
            "VALUES (:kind, :value, 'me', :country, 0, :main)",
            kind=kind,
            value=value,
            country=country,
            main=value != SECOND,
        )
    return "me"


def tell(house: House, account: str, **more: object) -> int:
    with house.services.database.write() as connection:
        return notices.tell(house.services, connection, house.visitor(), account, USAGE, **more)


def told(house: House) -> list[str]:
    return sorted(row.recipient for row in house.sql("SELECT recipient FROM messages"))


def test_every_number_and_address_is_told_in_the_owners_language(house: House, account: str) -> None:
    assert tell(house, account) == 3
    assert told(house) == sorted([FIRST, SECOND, ADDRESS])
    house.deliver()
    url = house.services.environment.public_url
    by_sms, by_mail = TEXTS["fr"][USAGE], EMAILS["fr"][USAGE]["body"]
    assert set(house.texts()) == {
        text.replace("{application}", "Doorcode").replace("{link}", url) for text in (by_sms, by_mail)
    }


def test_but_for_the_one_that_did_it_and_also_one_that_has_left(house: House, account: str) -> None:
    gone = Identifier(PHONE, "+33698765432", "FR")
    assert tell(house, account, but=FIRST, also=(gone,)) == 3
    assert told(house) == sorted([SECOND, ADDRESS, gone.value])


def test_a_notice_holds_no_code_and_fills_none_in(house: House, account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(house, account)
    with house.services.database.read() as connection:
        row = messages.newest(connection, most=1)[0]
    settings, keys = house.services.settings(), house.services.keys
    secure = Environment(**(vars(house.services.environment) | {"public_url": "https://login.example.com"}))
    message = render(row, "development", settings, secure, keys, house.clock())
    assert message.code == ""
    assert "@login.example.com #" not in message.text
    assert "https://login.example.com" in message.text
    assert SECRET_KEY not in message.text


@pytest.mark.parametrize(
    "settings",
    [
        {"money": {"day_cap": 0.0, "month_cap": 0.0}},
        {"limits": {"country_day": 1}},
        {"exceptions": {"blocked_numbers": ["+33*", "+44*"]}},
        {"exceptions": {"test_numbers": [f"{FIRST} 123456", f"{SECOND} 123456"]}},
    ],
)
def test_a_limit_keeps_it_back_and_counts_nothing(house: House, account: str, settings: dict[str, object]) -> None:
    house.set(**settings)
    for _ in range(2):
        tell(house, account)
    by_sms = [value for value in told(house) if value != ADDRESS]
    assert by_sms == ([FIRST, SECOND] if "limits" in settings else [])
    assert told(house).count(ADDRESS) == 2
    counted = house.sql("SELECT key FROM counters WHERE current > 0 AND key LIKE 'notice:+%'")
    assert len(counted) == len(by_sms)


def test_many_codes_that_were_asked_for_keep_no_notice_back(house: House, account: str) -> None:
    house.set(limits={"number_hour": 1, "number_day": 2})
    house.browser().sign_in("06 12 34 56 78")
    assert tell(house, account) == 3
    assert tell(house, account) == 3
    assert tell(house, account) == 0, "and not without end"


def test_without_a_connector_nobody_is_told_and_nothing_fails(house: House, account: str) -> None:
    house.set(connectors={"active": "", "email": ""})
    assert tell(house, account) == 0


def test_every_notice_is_named_so_and_leads_somewhere() -> None:
    assert USAGE in NOTICES
    for texts in TEXTS.values():
        for usage in NOTICES:
            assert "{link}" in texts[usage]
            assert "{code}" not in texts[usage]
