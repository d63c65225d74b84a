"""Many at once, from several processes: each guard holds, and is shown to be what holds."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from flows import one_time_code, sign_in, sign_up
from flows.outcomes import Next, Refused, SignedIn
from rules import codes
from storage import counters, tickets
from storage.counters import Reading
from storage.database import Database
from tests.kit import House
from tests.racing import PROCESSES, Meeting, race

NUMBER = "06 12 34 56 78"
THREADS = 5  # in each process
FLOWS = {"sign_up": sign_up, "sign_in": sign_in}


def begin(house: House, flow: Any) -> str:
    outcome = flow.start(house.services, house.visitor(), NUMBER, "FR")
    assert isinstance(outcome, Next)
    return outcome.ticket


def make_account(house: House) -> None:
    ticket = begin(house, sign_up)
    assert isinstance(sign_up.check_code(house.services, house.visitor(), ticket, house.codes()[0]), SignedIn)
    house.sql("DELETE FROM sessions")


def spread(things: list[Any]) -> list[list[Any]]:
    return [things[i::PROCESSES] for i in range(PROCESSES)]


def name_of(outcome: object) -> str:
    return outcome.reason if isinstance(outcome, Refused) else type(outcome).__name__


def at_once(step: Callable[[Any], object], things: list[Any]) -> list[str]:
    """How the step ended for each of the things, by name."""
    with ThreadPoolExecutor(THREADS) as threads:
        return [name_of(outcome) for outcome in threads.map(step, things)]


# What a child does.


def guess(house: House, share: tuple[str, str, list[str]]) -> tuple[list[str], list[str]]:
    """Each guess's outcome, and the guesses that were compared with the code at all."""
    flow, ticket, guesses = share
    compared = []

    def compare(keys: Any, typed: str, *rest: Any) -> bool:
        compared.append(typed)
        return REAL_COMPARE(keys, typed, *rest)

    one_time_code.codes.is_code_of = compare
    step = FLOWS[flow].check_code
    return at_once(lambda code: step(house.services, house.visitor(), ticket, code), guesses), compared


def ask(house: House, browsers: list[str]) -> list[str]:
    """A code for the same number from each browser."""
    return at_once(lambda browser: sign_in.start(house.services, house.visitor(browser), NUMBER, "FR"), browsers)


def ask_again(house: House, ticket_ids: list[str]) -> list[str]:
    return at_once(lambda ticket: sign_in.send_again(house.services, house.visitor(), ticket), ticket_ids)


def enter(house: House, ways: list[tuple[str, str, str]]) -> list[str]:
    """A sign-up each: (browser, ticket, right code)."""
    return at_once(lambda way: sign_up.check_code(house.services, house.visitor(way[0]), *way[1:]), ways)


# What breaks a child's build: the same statements, but read first, written later, and no transaction around them.


def raise_by_reading_first() -> None:
    meeting = Meeting(THREADS)

    def raise_all(connection: Any, raises: Any, now: float) -> dict[str, Reading]:
        rows = {each.key: connection.execute(counters.READ, {"key": each.key}).one_or_none() for each in raises}
        meeting.wait()
        REAL_RAISE_ALL(connection, raises, now)
        return {
            each.key: Reading((rows[each.key].current if rows[each.key] else 0) + each.amount, 0, 0) for each in raises
        }

    counters.raise_all = raise_all
    Database.write = Database.read


def prove_by_reading_first() -> None:
    """Two threads meet between reading and writing. Of all that meet, the first two have read before anybody wrote."""
    two = threading.Barrier(2)

    def prove(connection: Any, ticket_id: str, now: float, **more: Any) -> bool:
        row = connection.execute(text("SELECT proved_at FROM tickets WHERE id = :id"), {"id": ticket_id}).one()
        with suppress(threading.BrokenBarrierError):  # the last one may wait for nobody
            two.wait(3)
        REAL_PROVE(connection, ticket_id, now, **more)
        return row.proved_at is None

    tickets.prove = prove
    tickets.use = lambda *_: True
    Database.write = Database.read


REAL_RAISE_ALL, REAL_PROVE, REAL_COMPARE = counters.raise_all, tickets.prove, codes.is_code_of


# 200 guesses


def guess_200(house: House, tmp_path: Path, breaking: str = "") -> tuple[Counter[str], list[str], str, str]:
    """The outcomes, the guesses that were compared with the code, the ticket and the right code."""
    ticket = begin(house, sign_up)
    code = house.codes()[0]
    wrong = [f"{(int(code) + n) % 10**6:06d}" for n in range(1, 200)]
    guesses = [*wrong[:100], code, *wrong[100:]]
    shares = [("sign_up", ticket, share) for share in spread(guesses)]
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:guess", shares, breaking)
    outcomes = Counter(name for names, _compared in answers for name in names)
    return outcomes, [typed for _names, compared in answers for typed in compared], ticket, code


def test_of_200_guesses_at_once_five_are_looked_at(house: House, tmp_path: Path) -> None:
    outcomes, compared, ticket, code = guess_200(house, tmp_path)
    assert sum(outcomes.values()) == 200
    assert set(outcomes) <= {"wrong_code", "too_many_tries", "used_code", "SignedIn"}
    assert len(compared) == 5 or (code in compared and len(compared) < 5)  # the right one ends it early
    assert outcomes["SignedIn"] == house.count("sessions") == house.count("accounts") == (code in compared)
    assert house.sql("SELECT current FROM counters WHERE key = :k", k=f"tries:{ticket}")[0][0] == len(compared)
    afterwards = sign_up.check_code(house.services, house.visitor(), ticket, code)
    assert name_of(afterwards) == ("used_code" if code in compared else "too_many_tries")


def test_200_guesses_would_win_if_tries_were_read_before_they_are_written(house: House, tmp_path: Path) -> None:
    house.set(codes={"tries": THREADS - 1})
    _outcomes, compared, _ticket, _code = guess_200(house, tmp_path, f"{__name__}:raise_by_reading_first")
    assert len(compared) >= THREADS


# 20 right codes


def right_20(house: House, tmp_path: Path, flow: str, breaking: str = "") -> Counter[str]:
    house.set(codes={"tries": 10})
    ticket = begin(house, FLOWS[flow])
    shares = [(flow, ticket, share) for share in spread([house.codes()[0]] * 20)]
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:guess", shares, breaking)
    return Counter(name for names, _compared in answers for name in names)


@pytest.mark.parametrize("flow", FLOWS)
def test_20_right_codes_at_once_make_one_session_and_one_account(house: House, tmp_path: Path, flow: str) -> None:
    if flow == "sign_in":
        make_account(house)
    outcomes = right_20(house, tmp_path, flow)
    assert outcomes["SignedIn"] == 1
    assert outcomes["used_code"] + outcomes["too_many_tries"] == 19
    assert house.count("sessions") == 1
    assert house.count("accounts") == 1


@pytest.mark.parametrize("flow", FLOWS)
def test_20_right_codes_would_make_more_if_the_ticket_were_read_before_it_is_spent(
    house: House, tmp_path: Path, flow: str
) -> None:
    if flow == "sign_in":
        make_account(house)
    outcomes = right_20(house, tmp_path, flow, f"{__name__}:prove_by_reading_first")
    assert outcomes["SignedIn"] > 1
    assert house.count("sessions") > 1


# 40 messages


def ask_40(house: House, tmp_path: Path, breaking: str = "", browser: str = "browser {}") -> Counter[str]:
    shares = spread([browser.format(n) for n in range(40)])
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:ask", shares, breaking)
    return Counter(name for answer in answers for name in answer)


def test_40_requests_at_once_for_one_number_send_one_message(house: House, tmp_path: Path) -> None:
    outcomes = ask_40(house, tmp_path)
    assert outcomes == {"Next": 1, "wait": 39}
    assert house.count("messages") == 1
    assert house.count("tickets") == 1


def test_40_requests_would_send_more_if_the_wait_were_read_before_it_is_written(house: House, tmp_path: Path) -> None:
    outcomes = ask_40(house, tmp_path, f"{__name__}:raise_by_reading_first")
    assert outcomes["Next"] > 1
    assert house.count("messages") > 1


def test_40_clicks_of_one_browser_lead_to_one_page_and_send_one_message(house: House, tmp_path: Path) -> None:
    assert ask_40(house, tmp_path, browser="the same") == {"Next": 40}
    assert house.count("messages") == house.count("tickets") == 1


def test_40_clicks_on_send_again_send_one_message(house: House, tmp_path: Path) -> None:
    ticket = begin(house, sign_in)
    house.sql("UPDATE counters SET last_at = last_at - 30")  # the children's clock is the real one
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:ask_again", spread([ticket] * 40))
    assert Counter(name for answer in answers for name in answer) == {"Next": 1, "wait": 39}
    assert house.count("messages") == 2


# 8 sign-ups of one number


def test_sign_ups_of_one_number_at_once_make_one_account(house: House, tmp_path: Path) -> None:
    house.set(limits={"resend_waits": ["0"]})
    ways = []
    for browser in "abcdefgh":
        outcome = sign_up.start(house.services, house.visitor(browser), NUMBER, "FR")
        assert isinstance(outcome, Next)
        ways.append((browser, outcome.ticket, house.codes()[0]))
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:enter", spread(ways))
    assert Counter(name for answer in answers for name in answer) == {"SignedIn": 8}
    assert house.count("accounts") == house.count("identifiers") == 1
    assert house.count("sessions") == 8
