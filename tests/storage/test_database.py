"""Both databases keep the same promises: all or nothing, no transaction while reading, no secret in an error."""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from flows import sign_in
from flows.outcomes import Next
from storage.database import DATABASE_AWAY, open_database
from tests.kit import House, away

NUMBER, E164 = "06 12 34 56 78", "+33612345678"


def test_a_write_that_fails_leaves_nothing(house: House) -> None:
    def write_and_fail() -> None:
        with house.services.database.write() as connection:
            connection.execute(text("INSERT INTO accounts (id, created_at, locale) VALUES ('a', 0, 'en')"))
            raise LookupError

    with pytest.raises(LookupError):
        write_and_fail()
    assert house.count("accounts") == 0


def test_what_need_not_last_waits_for_no_disk_and_what_comes_after_it_does(sqlite_house: House) -> None:
    database, waits = sqlite_house.services.database, text("PRAGMA synchronous")
    normal, full = 1, 2
    with database.write(lasting=False) as connection:
        assert connection.execute(waits).scalar() == normal
    with pytest.raises(LookupError), database.write(lasting=False):
        raise LookupError
    with database.write() as connection:
        assert connection.execute(waits).scalar() == full


def test_who_reads_keeps_nobody_from_writing(house: House) -> None:
    with house.services.database.read() as reading:
        assert reading.execute(text("SELECT count(*) FROM accounts")).scalar() == 0
        house.sql("INSERT INTO accounts (id, created_at, locale) VALUES ('a', 0, 'en')")
        assert reading.execute(text("SELECT count(*) FROM accounts")).scalar() == 1  # and sees it: no snapshot is held


def test_two_writers_take_turns(house: House) -> None:
    """The second one waits for the first, also where it is another process, and neither is turned away."""
    database, other = house.services.database, open_database(house.database_url)
    house.sql("INSERT INTO accounts (id, created_at, locale) VALUES ('a', 0, 'en')")
    add_one = text("UPDATE accounts SET created_at = created_at + 1 WHERE id = 'a'")
    started = threading.Event()

    def slow() -> None:
        with database.write() as connection:
            connection.execute(add_one)
            started.set()
            time.sleep(0.3)

    thread = threading.Thread(target=slow)
    thread.start()
    started.wait(5)
    with other.write() as connection:
        connection.execute(add_one)
    thread.join()
    other.engine.dispose()
    assert house.sql("SELECT created_at FROM accounts")[0][0] == 2


def test_a_database_that_is_away_is_known_as_that_and_found_again(hasty_house: House) -> None:
    with away(hasty_house.database_url), pytest.raises(DATABASE_AWAY):
        hasty_house.sql("DELETE FROM accounts")
    hasty_house.sql("DELETE FROM accounts")


def test_an_error_names_no_value(house: House) -> None:
    """The values of a statement may be a number, or a provider's words; errors end in the log."""
    with pytest.raises(SQLAlchemyError) as found:
        house.sql("UPDATE nothing SET a = :a, b = :b", a=E164, b="a provider's words")
    assert E164 not in str(found.value)
    assert "a provider's words" not in str(found.value)


def test_a_stolen_database_holds_no_code_no_text_and_no_secret_of_a_browser(house: House) -> None:
    browser = house.visitor("the browser's secret")
    outcome = sign_in.start(house.services, browser, NUMBER, "FR")
    assert isinstance(outcome, Next)
    code = house.newest_code()
    assert sign_in.check_code(house.services, browser, outcome.ticket, code) == Next("create_account", outcome.ticket)
    account = sign_in.create_account(house.services, browser, outcome.ticket)
    tables = inspect(house.services.database.engine).get_table_names()
    stolen = " ".join(str(tuple(row)) for table in tables for row in house.sql(f"SELECT * FROM {table}"))  # noqa: S608
    assert outcome.ticket in stolen
    assert E164 in stolen
    assert not re.search(rf"\b{code}\b", stolen)
    for secret in (house.texts()[0], "the browser's secret", getattr(account, "token", "")):
        assert secret
        assert secret not in stolen


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="not Linux")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_whose_machine_is_gone_is_noticed_within_half_a_minute(house: House) -> None:
    with house.services.database.read() as connection:
        driver: Any = connection.connection.driver_connection
        with socket.socket(fileno=os.dup(driver.fileno())) as sock:
            options = (socket.SO_KEEPALIVE, socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            levels = (socket.SOL_SOCKET, *[socket.IPPROTO_TCP] * 3)
            assert [sock.getsockopt(level, option) for level, option in zip(levels, options, strict=True)] == [
                1, 10, 5, 3,
            ]  # fmt: skip
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 20_000
