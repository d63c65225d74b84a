"""Many at once, from several processes: each guard holds, and is shown to be what holds."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import text

from flows import sign_in, sign_up
from flows.outcomes import Next, Refused, SignedIn
from rules import codes
from settings.keys import Use
from storage import counters, tickets
from storage.counters import Reading
from storage.database import Database
from tests.kit import House
from tests.racing import PROCESSES, race

NUMBER = "06 12 34 56 78"
E164 = "+33612345678"
THREADS = 5  # in each process


def right_code(house: House) -> str:
    message_id = house.sql("SELECT id FROM messages ORDER BY created_at DESC LIMIT 1")[0][0]
    return codes.derive(house.services.keys.all(Use.CODES)[0], message_id, E164, 6)


def begin(house: House, flow: Any) -> str:
    outcome = flow.start(house.services, house.visitor(), NUMBER, "FR")
    assert isinstance(outcome, Next)
    return outcome.ticket


def spread(things: list[Any]) -> list[list[Any]]:
    return [things[i::PROCESSES] for i in range(PROCESSES)]


# What a child does.


def guess(house: House, share: tuple[str, list[str]]) -> list[str]:
    """Each guess's outcome, by name."""
    ticket, guesses = share

    def one(code: str) -> str:
        outcome = sign_up.check_code(house.services, house.visitor(), ticket, code)
        return outcome.reason if isinstance(outcome, Refused) else type(outcome).__name__

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(one, guesses))


def ask(house: House, browsers: list[str]) -> list[str]:
    """A code for the same number from each browser."""

    def one(browser: str) -> str:
        outcome = sign_in.start(house.services, house.visitor(browser), NUMBER, "FR")
        return outcome.reason if isinstance(outcome, Refused) else type(outcome).__name__

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(one, browsers))


# What breaks a child's build: the same statements, but read first, written later, and no transaction around them.


def raise_by_reading_first() -> None:
    def raise_all(connection: Any, raises: Any, now: float) -> dict[str, Reading]:
        rows = {each.key: connection.execute(counters.READ, {"key": each.key}).one_or_none() for each in raises}
        time.sleep(0.02)
        REAL_RAISE_ALL(connection, raises, now)
        return {
            each.key: Reading((rows[each.key].current if rows[each.key] else 0) + each.amount, 0, 0) for each in raises
        }

    counters.raise_all = raise_all
    Database.write = Database.read


def prove_by_reading_first() -> None:
    def prove(connection: Any, ticket_id: str, now: float, *, used: bool) -> bool:
        row = connection.execute(text("SELECT proved_at FROM tickets WHERE id = :id"), {"id": ticket_id}).one()
        time.sleep(0.02)
        REAL_PROVE(connection, ticket_id, now, used=used)
        return row.proved_at is None

    tickets.prove = prove
    Database.write = Database.read


REAL_RAISE_ALL, REAL_PROVE = counters.raise_all, tickets.prove


def guess_200(house: House, tmp_path: Path, breaking: str = "") -> tuple[Counter[str], str, str]:
    ticket = begin(house, sign_up)
    code = right_code(house)
    wrong = [f"{(int(code) + n) % 10**6:06d}" for n in range(1, 200)]
    guesses = [*wrong[:100], code, *wrong[100:]]
    shares = [(ticket, share) for share in spread(guesses)]
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:guess", shares, breaking)
    return Counter(name for answer in answers for name in answer), ticket, code


def test_of_200_guesses_at_once_five_are_looked_at(house: House, tmp_path: Path) -> None:
    outcomes, ticket, code = guess_200(house, tmp_path)
    # The last of five wrong ones hears that no try is left, as do all that were not looked at.
    evaluated = outcomes["wrong_code"] + outcomes["SignedIn"]
    assert sum(outcomes.values()) == 200
    assert evaluated <= 5
    assert set(outcomes) <= {"wrong_code", "too_many_tries", "used_code", "SignedIn"}
    assert house.count("sessions") == outcomes["SignedIn"] <= 1
    assert house.sql("SELECT current FROM counters WHERE key = :k", k=f"tries:{ticket}")[0][0] == 5
    afterwards = sign_up.check_code(house.services, house.visitor(), ticket, code)
    assert isinstance(afterwards, Refused)
    assert afterwards.reason in ("too_many_tries", "used_code")


def test_200_guesses_would_win_if_tries_were_read_before_they_are_written(house: House, tmp_path: Path) -> None:
    outcomes, _ticket, _code = guess_200(house, tmp_path, f"{__name__}:raise_by_reading_first")
    assert outcomes["wrong_code"] + outcomes["SignedIn"] > 5


def right_20(house: House, tmp_path: Path, breaking: str = "") -> Counter[str]:
    house.set(codes={"tries": 10})
    ticket = begin(house, sign_up)
    shares = [(ticket, share) for share in spread([right_code(house)] * 20)]
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:guess", shares, breaking)
    return Counter(name for answer in answers for name in answer)


def test_20_right_codes_at_once_make_one_session_and_one_account(house: House, tmp_path: Path) -> None:
    outcomes = right_20(house, tmp_path)
    assert outcomes["SignedIn"] == 1
    assert house.count("sessions") == 1
    assert house.count("accounts") == 1


def test_20_right_codes_would_make_more_if_the_ticket_were_read_before_it_is_spent(
    house: House, tmp_path: Path
) -> None:
    outcomes = right_20(house, tmp_path, f"{__name__}:prove_by_reading_first")
    assert outcomes["SignedIn"] > 1


def ask_40(house: House, tmp_path: Path, breaking: str = "") -> Counter[str]:
    shares = spread([f"browser {n}" for n in range(40)])
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


def test_two_sign_ups_of_one_number_make_one_account(house: House) -> None:
    first = begin(house, sign_up)
    code = right_code(house)
    house.clock.forward(60)
    other = house.visitor("another browser")
    second = sign_up.start(house.services, other, NUMBER, "FR")
    assert isinstance(second, Next)
    assert isinstance(sign_up.check_code(house.services, house.visitor(), first, code), SignedIn)
    assert isinstance(sign_up.check_code(house.services, other, second.ticket, right_code(house)), SignedIn)
    assert house.count("accounts") == 1
