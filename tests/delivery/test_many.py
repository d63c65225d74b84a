"""Many messages through two providers that fail three times in ten, by workers that die: none lost, each twice told.

``MANY_MESSAGES`` in the environment asks for another number of them.
"""

from __future__ import annotations

import logging
import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from sqlalchemy import text

from delivery.worker import CALLS_AT_ONCE
from tests.delivery.standby import TAKEN, use_both
from tests.kit import House, open_other_house, wait_until
from tests.provider import Provider, Seen
from tests.racing import CONTEXT

MESSAGES = int(os.environ.get("MANY_MESSAGES", "2000"))
WORKERS, KILLS = 2, 4
MOST_AT_ONCE = CALLS_AT_ONCE
INSERT = text(
    "INSERT INTO messages (id, usage, recipient, country, locale, digits, charges, created_at, expires_at, state,"
    " due_at, attempts) VALUES (:id, 'sign_in', :to, 'FR', 'en', 6, '[]', :now, :now + 600, 'queued', :now, 0)"
)
OPEN = "SELECT count(*) FROM messages WHERE state IN ('queued', 'sending')"


class Unreliable:
    """Takes seven messages in ten. Of the others it refuses a third, cuts a third off, and fails at a third: of these
    two it has taken one half none the less. ``taken``: how often each number's message."""

    def __init__(self, seed: int) -> None:
        self.taken: Counter[str] = Counter()
        self._random = random.Random(seed)

    def __call__(self, seen: Seen) -> tuple[int, Any] | None:
        luck, taken_all_the_same = self._random.random(), self._random.random() < 0.5
        if luck < 0.1:
            return 503, {"error": "temporary"}
        if luck >= 0.3 or taken_all_the_same:
            self.taken[recipient(seen)] += 1
        if luck < 0.2:
            return None
        return (500, "oops") if luck < 0.3 else (201, TAKEN)


def recipient(seen: Seen) -> str:
    body = seen.body.decode()
    return re.findall(r"\+\d+", body if body.startswith("{") else parse_qs(body)["To"][0])[0]


def fill_outbox(house: House) -> None:
    now = house.clock()
    rows = [{"id": f"{n:032x}", "to": f"+33612{n:06d}", "now": now} for n in range(MESSAGES)]
    with house.services.database.write() as connection:
        connection.execute(INSERT, rows)


def work(database_url: str, instance: Path, log: Path) -> None:
    logging.basicConfig(filename=log, level=logging.INFO)
    with open_other_house(database_url, instance) as house:
        house.worker.run()


@contextmanager
def workers(house: House, folder: Path) -> Iterator[list[Any]]:
    """Processes that send; all are killed at the end, as by a power cut."""
    running: list[Any] = []
    try:
        for _ in range(WORKERS):
            start(house, folder, running)
        yield running
    finally:
        for process in running:
            process.kill()
            process.join()


def start(house: House, folder: Path, running: list[Any]) -> None:
    log = folder / f"worker-{time.monotonic_ns()}.log"
    process = CONTEXT.Process(target=work, args=(house.database_url, folder / "instance", log))
    process.start()
    running.append(process)


def kill_in_between(house: House, folder: Path, providers: list[Provider]) -> None:
    """Each time that another share of the messages was sent, one worker dies in the middle of its work."""
    with workers(house, folder) as running:
        for n in range(1, KILLS + 1):
            share = n * MESSAGES // (KILLS + 1)
            wait_until(lambda wanted=share: came(providers) >= wanted, seconds=120)  # type: ignore[misc]
            oldest = running.pop(0)
            os.kill(oldest.pid, signal.SIGKILL)
            oldest.join()
            start(house, folder, running)
        wait_until(lambda: house.sql(OPEN)[0][0] < MESSAGES // 20, seconds=120)


def came(providers: list[Provider]) -> int:
    return sum(len(provider.requests) for provider in providers)


def send_the_rest(house: House) -> None:
    """Another worker takes up what the dead ones held, once their leases are over."""
    house.clock.forward(31)
    house.worker.start()

    def is_over() -> bool:
        house.clock.forward(0.5)
        return not house.sql(OPEN)[0][0]

    wait_until(is_over, seconds=60)


def told_twice(log: str) -> set[str]:
    return set(re.findall(r"message (\w{32}) is sent again and may arrive twice", log))


def test_none_is_lost_and_whatever_comes_twice_is_in_the_log(
    house: House, provider: Provider, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = Unreliable(1), Unreliable(2)
    with Provider() as standby:
        use_both(house, provider.url, standby)
        provider.decide(first)
        standby.decide(second)
        fill_outbox(house)
        begun = time.monotonic()
        kill_in_between(house, tmp_path, [provider, standby])
        with caplog.at_level(logging.INFO):
            send_the_rest(house)
        house.worker.stop()
    rows = house.sql("SELECT id, recipient, state FROM messages")
    log = "\n".join([caplog.text, *(path.read_text() for path in tmp_path.glob("worker-*.log"))])
    taken, told = first.taken + second.taken, told_twice(log)
    twice = {row.id for row in rows if taken[row.recipient] > 1}
    states = Counter(row.state for row in rows)
    print(f"{MESSAGES} in {time.monotonic() - begun:.1f} s: {dict(states)}, {len(twice)} twice, {len(told)} told")  # noqa: T201
    assert "could not be recorded" not in log
    assert len(rows) == MESSAGES
    assert states.keys() <= {"accepted", "unknown", "refused"}
    assert [row.id for row in rows if row.state == "accepted" and not taken[row.recipient]] == []
    assert [row.id for row in rows if row.state == "refused" and taken[row.recipient] and row.id not in told] == []
    assert twice <= told
    assert len(told) <= (KILLS + WORKERS) * MOST_AT_ONCE
    assert max(taken.values()) <= 2
    assert states["accepted"] > MESSAGES / 2
