"""The same Idempotency-Key 50 times at once, from real processes: one message, one answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from storage import idempotency
from tests.api.kit import ACCOUNT, account_program
from tests.kit import House
from tests.racing import PROCESSES, race

TIMES = 50
BODY = {"value": "+33687654321"}


def call(house: House, share: tuple[dict[str, str], int]) -> list[Any]:
    headers, times = share

    def once(_number: int) -> tuple[int, str]:
        reply = house.app.test_client().post(f"{ACCOUNT}/phones", json=BODY, headers=headers)
        return reply.status_code, reply.text

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(once, range(times)))


def break_keys() -> None:
    """Everybody is the first."""
    idempotency.begin = lambda *_: True  # type: ignore[assignment]


def shares(house: House) -> list[Any]:
    program = account_program(house).proved()
    house.set(limits={"resend_waits": ["0"]})  # which alone would keep a second message back
    headers = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": "one", **program.headers}
    part, rest = divmod(TIMES, PROCESSES)
    return [(headers, part + (number < rest)) for number in range(PROCESSES)]


def test_fifty_at_once_send_one_message_and_get_one_answer(house: House, tmp_path: Path) -> None:
    raced, before = shares(house), house.count("messages")
    answers = [
        each for found in race(house.database_url, tmp_path / "instance", f"{__name__}:call", raced) for each in found
    ]
    assert len(answers) == TIMES
    assert house.count("messages") == before + 1
    assert {status for status, _body in answers} == {202}
    assert len({body for _status, body in answers}) == 1


def test_a_key_that_nobody_minds_would_be_seen(house: House, tmp_path: Path) -> None:
    raced, before = shares(house), house.count("messages")
    race(house.database_url, tmp_path / "instance", f"{__name__}:call", raced, f"{__name__}:break_keys")
    assert house.count("messages") == before + TIMES
