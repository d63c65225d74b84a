"""The guard as a browser meets it. The pages decide what a replay of the same traffic decides."""

from __future__ import annotations

import pytest

from bench.fraud.people import Request
from bench.fraud.scenarios import requests
from cli.replaying import replayed
from flows import guard_pass
from rules.risk_levels import ALLOW, CHALLENGE, REFUSE
from tests.kit import Browser, House

HOUR = 3600
LINES = 150  # of the scenario: an hour before the attack, and more than an hour of it


@pytest.fixture(autouse=True)
def guarded(house: House) -> None:
    house.set(guard={"mode": "on"})


def test_the_pages_decide_as_a_replay_does(house: House) -> None:
    """A scenario of an attack on a first day, through real forms, with the clock moved by hand."""
    traffic = small_scenario()
    house.clock.stop()
    start = house.clock()
    live: dict[int, str] = {}
    lines: list[dict[str, object]] = []
    waiting: list[tuple[float, int, Browser, str]] = []
    for number, each in enumerate(traffic):
        while waiting and waiting[0][0] <= each.at:
            prove(house, lines, waiting.pop(0), start)
        move_to(house, start + each.at)
        asking, sent = ask(house, each, live, number)
        seen = house.clock() - start
        lines.append({"t": seen, "event": "request", "id": number, "ip": each.address, "phone": each.phone})
        if sent and each.proves is not None:
            waiting.append((each.at + each.proves, number, asking, house.codes()[0]))
            waiting.sort(key=lambda item: item[0])
    solves = {number: each.solves for number, each in enumerate(traffic)}
    again = {number: verdict.decision for number, verdict in replayed(lines, solves)}
    assert again == live
    assert set(live.values()) == {ALLOW, CHALLENGE, REFUSE}


def small_scenario() -> list[Request]:
    """People and an attack on a block, some of whom solve the challenge."""
    return requests("first-day", 5, 400)[:LINES]


def move_to(house: House, moment: float) -> None:
    house.clock.forward(max(0.0, moment - house.clock()))


def ask(house: House, each: Request, live: dict[int, str], number: int) -> tuple[Browser, bool]:
    """The number's page; who is challenged and can solves it and asks once more. Whether a message was sent."""
    asking = house.browser()
    asking.client.environ_base["REMOTE_ADDR"] = each.address
    asking.sign_in(each.phone, "")
    live[number] = decision(asking)
    if live[number] == CHALLENGE and each.solves:
        with asking.client.session_transaction() as session:
            browser = session["browser"]
        guard_pass.solved(house.services, house.visitor(browser))
        asking.sign_in(each.phone, "")
        assert decision(asking) == ALLOW
        return asking, True
    return asking, live[number] == ALLOW


def decision(asking: Browser) -> str:
    if asking.path == "/sign-in/code":
        return ALLOW
    if asking.path == "/challenge":
        return CHALLENGE
    assert asking.status == 429, asking.text
    return REFUSE


def prove(house: House, lines: list[dict[str, object]], due: tuple[float, int, Browser, str], start: float) -> None:
    at, number, asking, code = due
    move_to(house, start + at)
    asking.type_code(code)
    assert asking.status == 200
    house.worker.learning.run()
    lines.append({"t": house.clock() - start, "event": "verified", "id": number})
