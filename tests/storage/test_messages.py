"""The outbox: a message is one worker's at a time, and what a worker says counts only while it holds it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from flows import sign_in
from storage import messages
from storage.messages import LEASE_SECONDS, ClaimedMessage, Ending
from tests.kit import House, away

ACCEPTED = Ending("accepted", "accepted")


def ask(house: House, count: int) -> None:
    for n in range(count):
        sign_in.start(house.services, house.visitor(), f"+3361234{n:04d}", "FR")


def claim(house: House, most: int = 100, later: float = 0) -> list[ClaimedMessage]:
    """Take them, and begin an attempt of each, as the worker does."""
    now = house.clock() + later
    with house.services.database.write() as connection:
        claimed = messages.claim(connection, now, most=most)
        messages.begin(connection, [(message, "development") for message in claimed], now)
    return claimed


def finish(house: House, message: ClaimedMessage, ending: Ending) -> bool:
    with house.services.database.write() as connection:
        return messages.finish(connection, message, ending, house.clock()) is not None


def test_a_message_is_claimed_once_until_its_lease_is_over(house: House) -> None:
    ask(house, 1)
    (first,) = claim(house)
    assert first.interrupted == 0
    assert claim(house) == claim(house, later=LEASE_SECONDS - 2) == []
    (second,) = claim(house, later=LEASE_SECONDS + 1)
    assert (second.id, second.attempts, second.interrupted) == (first.id, 2, 1)


def test_claims_at_once_share_the_messages(house: House) -> None:
    ask(house, 40)
    with ThreadPoolExecutor(4) as threads:
        shares = list(threads.map(lambda _n: claim(house, 5), range(12)))
    claimed = [message.id for share in shares for message in share]
    assert len(claimed) == len(set(claimed)) == 40
    assert max(map(len, shares)) == 5


def test_a_plan_made_for_one_message_claims_no_more_than_asked_for(house: House) -> None:
    ask(house, 1)
    with house.services.database.write() as connection:
        connection.execute(text("ANALYZE messages"))
    ask(house, 12)
    assert len(claim(house, 5)) == 5


def test_the_oldest_is_claimed_first(house: House) -> None:
    ask(house, 3)
    times = [message.created_at for _n in range(3) for message in claim(house, 1)]
    assert times == sorted(times)
    assert len(times) == 3


def test_who_lost_a_message_to_another_changes_nothing_of_it(house: House) -> None:
    ask(house, 1)
    (late,) = claim(house)
    (now,) = claim(house, later=LEASE_SECONDS + 1)
    assert not finish(house, late, Ending("refused", "refused", "bad_number"))
    assert house.sql("SELECT state FROM messages")[0].state == "sending"
    assert finish(house, now, ACCEPTED)
    assert not finish(house, now, Ending("refused", "refused", "bad_number"))  # nor twice
    assert house.sql("SELECT state FROM messages")[0].state == "accepted"


def test_what_is_over_is_not_claimed_again(house: House) -> None:
    ask(house, 1)
    (message,) = claim(house)
    finish(house, message, ACCEPTED)
    assert claim(house, later=10 * LEASE_SECONDS) == []


def test_an_idle_worker_writes_nothing(sqlite_house: House) -> None:
    with away(sqlite_house.database_url):  # whoever wrote now would wait, and fail
        sqlite_house.worker.work_off()
