"""Admins hear once, by e-mail, webhook and in the console, what costs money or keeps people out."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from storage import alarms, guard
from tests.flows.test_guard import ask as ask_for
from tests.flows.test_guard import attack, numbered, prove
from tests.hooks import add, bodies, schema, tell
from tests.kit import House
from tests.mail_server import MailServer
from tests.pages.test_console import in_console
from tests.pages.test_email import use_server
from tests.provider import Provider
from tests.racing import race

ADMINS = ("ops@example.com", "Ann@example.com")
HOUR, DAY = 3600, 86400


@pytest.fixture(autouse=True)
def listening(house: House) -> None:
    house.set(guard={"mode": "on"}, alarms={"emails": list(ADMINS)})


def happened(house: House, ago: float, country: str = "FR", **counts: int) -> None:
    with house.services.database.write() as connection:
        guard.add_hour(connection, country, "", counts, house.clock() - ago)


def mails(house: House, server: MailServer) -> list[Any]:
    house.worker.alarms.run()
    house.deliver()
    return server.messages


def body(mail: Any) -> str:
    """The plain part's words."""
    parsed = message_from_bytes(mail.data, policy=default)
    plain = parsed.get_body(("plain",))
    assert plain
    return " ".join(str(plain.get_content()).split())


def test_pumping_is_told_once_with_what_it_is_and_where_to_act(house: House) -> None:
    with MailServer() as server:
        use_server(house, server)
        assert mails(house, server) == []
        attack(house, 30)
        told = mails(house, server)
        assert {mail.recipient for mail in told} == set(ADMINS)
        assert "/admin/guard" in body(told[0])
        for _ in range(3):
            house.clock.forward(300)
            assert len(mails(house, server)) == 2, "once"
        house.clock.forward(DAY)
        assert len(mails(house, server)) == 2, "it is over"
        attack(house, 30, block="+3367777")
        assert len(mails(house, server)) == 4, "another attack is news"


def test_the_summary_says_how_much_and_about_which_numbers(house: House) -> None:
    house.set(application={"language": "fr"})
    with MailServer() as server:
        use_server(house, server)
        attack(house, 30)
        words = body(mails(house, server)[0])
        assert "Dans la dernière heure" in words
        assert "+3361234•••• (France)" in words
        assert numbered(1) not in words


def test_a_few_that_were_stopped_are_no_alarm(house: House) -> None:
    attack(house, 10)
    house.worker.alarms.run()
    assert house.count("alarms") == 0


def test_codes_that_are_typed_back_no_more(house: House, provider: Provider) -> None:
    add(house, provider, "conversion.fell")
    happened(house, 2 * DAY, sent=200, proved=170)
    happened(house, 2 * DAY, "DE", sent=200, proved=170)
    happened(house, 0, sent=40, proved=4)
    happened(house, 0, "DE", sent=40, proved=30)
    happened(house, 0, "GB", sent=400, proved=4)  # nothing is usual there yet
    with MailServer() as server:
        use_server(house, server)
        assert len(mails(house, server)) == 2
        words = body(server.messages[0])
    assert "4 of 40 codes to France were typed back. 85 of 100 is usual there." in words
    tell(house)
    assert [each["data"] for each in bodies(provider)] == [{"country": "FR", "sent": 40, "proved": 4, "usual": 0.85}]
    assert all(schema().is_valid(each) for each in bodies(provider))
    console = in_console(house)
    assert "Alarm: codes are not typed back" in console.open("/admin/guard").text
    assert "2 e-mail addresses hear of alarms." in console.text
    console.open("/admin/users")
    assert "France: in three hours 4 of 40 codes were typed back. Usual there: 85%." in console.text
    house.clock.forward(HOUR)
    assert "typed back" not in console.open("/admin/users").text


def test_a_bad_quarter_of_an_hour_is_no_alarm(house: House) -> None:
    happened(house, 2 * DAY, sent=200, proved=170)
    happened(house, 0, sent=12, proved=2)
    happened(house, 0, "DE", delivered=3, failed=9)
    house.worker.alarms.run()
    assert house.count("alarms") == 0


def test_messages_that_the_provider_reports_as_failed(house: House, provider: Provider) -> None:
    add(house, provider, "delivery.failing")
    happened(house, 2 * DAY, delivered=180, failed=20)
    happened(house, 0, delivered=10, failed=20)
    happened(house, 2 * DAY, "NG", delivered=100, failed=100)
    happened(house, 0, "NG", delivered=10, failed=12)  # as always
    with MailServer() as server:
        use_server(house, server)
        assert "reported 20 messages to France as failed, and 10 as delivered" in body(mails(house, server)[0])
    tell(house)
    assert [each["data"] for each in bodies(provider)] == [{"country": "FR", "delivered": 10, "failed": 20}]
    assert schema().is_valid(bodies(provider)[0])
    assert "reported 20 messages as failed" in in_console(house).text


def test_a_cap_of_which_four_fifths_are_spent(house: House, provider: Provider) -> None:
    add(house, provider, "cap.near")
    house.set(money={"price": 1, "day_cap": 10, "month_cap": 1000})
    for n in range(8):
        ask_for(house, numbered(n), address=f"10.0.0.{n}")
        prove(house, numbered(n))
    with MailServer() as server:
        use_server(house, server)
        assert "8 of 10 EUR are spent (a day)" in body(mails(house, server)[0])
    tell(house)
    assert [each["data"]["period"] for each in bodies(provider)] == ["day"]
    assert schema().is_valid(bodies(provider)[0])


def test_without_a_connector_of_e_mail_the_console_still_tells(house: House) -> None:
    house.set(connectors={"email": ""})
    happened(house, 0, delivered=10, failed=20)
    house.worker.alarms.run()
    assert house.count("messages") == 0
    assert "reported 20 messages as failed" in in_console(house).text


def test_addresses_are_checked(house: House) -> None:
    browser = in_console(house).open("/admin/settings").send(**{"alarms.emails": "ops"})
    assert browser.status == 422
    assert browser.errors == ["Write each as name@example.com."]


def look(house: House, times: int) -> int:
    told = 0
    for _ in range(times):
        with house.services.database.write() as connection:
            told += alarms.note(connection, "alarm_cap", "day", {}, house.clock(), quiet=HOUR)
    return told


def remember_in_the_process() -> None:
    """Breaks the build: each process knows only what it told itself."""
    told: set[str] = set()

    def note(_connection: Any, kind: str, _about: str, _details: Any, _now: float, *, quiet: float) -> bool:
        news = kind not in told
        told.add(kind)
        return news and quiet > 0

    alarms.note = note


def told_by_four(house: House, tmp_path: Path, breaking: str = "") -> int:
    return sum(race(house.database_url, tmp_path / "instance", f"{__name__}:look", [20] * 4, breaking))


def test_of_many_processes_one_tells(house: House, tmp_path: Path) -> None:
    assert told_by_four(house, tmp_path) == 1


def test_each_would_tell_if_it_remembered_for_itself(sqlite_house: House, tmp_path: Path) -> None:
    assert told_by_four(sqlite_house, tmp_path, f"{__name__}:remember_in_the_process") == 4
