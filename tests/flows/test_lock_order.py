"""A code is asked for while another tab proves one: both take the ticket before any counter, and who has counters waits
for no solved challenge. Of an account and a ticket that is proved already the account comes first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from flows import contacts, guard_pass, password, sign_in
from flows.outcomes import Done, Next, Refused
from rules import guarding, limits
from rules.tokens import hash_token
from storage import accounts, guard, tickets
from tests.flows.test_guard import about_to_replace, session_of
from tests.kit import House
from tests.pages.factors_kit import app_code, first_step, member

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time


def replace_and_ask_again(house: House, monkeypatch: pytest.MonkeyPatch, patience: float = 0.3) -> list[object]:
    account_id, number, ticket, code = about_to_replace(house, 1)
    house.clock.forward(60)
    visitor, owner = house.visitor(number, "10.1.1.1"), session_of(account_id)
    wait_for_each_other(monkeypatch, (tickets, "prove"), (limits, "charge"), patience=patience)
    steps = [
        lambda: contacts.check_code(house.services, visitor, owner, "phone", ticket, code),
        lambda: contacts.send_again(house.services, visitor, owner, "phone", ticket),
    ]
    return both(steps)


def wait_for_each_other(monkeypatch: pytest.MonkeyPatch, *steps: tuple[Any, str], patience: float = 0.3) -> None:
    """Each of the two stops after its step, holding rows, until the other one has its own, or has not got them in so
    many seconds of ``patience``."""
    two = threading.Barrier(2)

    def meeting(step: Any) -> Any:
        def then_wait(*arguments: Any, **more: Any) -> Any:
            found = step(*arguments, **more)
            with suppress(threading.BrokenBarrierError):
                two.wait(patience)
            return found

        return then_wait

    for room, name in steps:
        monkeypatch.setattr(room, name, meeting(getattr(room, name)))


def both(steps: list[Any]) -> list[object]:
    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(ended, steps))


def ended(step: Any) -> object:
    try:
        return step()
    except OperationalError as error:
        return type(error.orig).__name__


@pytest.mark.parametrize("mode", ["off", "on"])
def test_a_proof_and_another_code_at_once_do_not_block_each_other(
    house: House, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    house.set(guard={"mode": mode})
    proof, again = replace_and_ask_again(house, monkeypatch)
    assert proof == Done()
    assert isinstance(again, Next) or again == Refused("used_code")


def test_they_would_if_the_ticket_came_after_the_counters(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "hold", lambda *_: True)
    assert "DeadlockDetected" in replace_and_ask_again(house, monkeypatch, patience=20)  # they do meet


def test_a_number_is_proved_while_another_code_is_asked_for_by_the_same_challenge(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id, number, ticket, code = about_to_replace(house, 1)
    house.clock.forward(60)
    visitor, owner = house.visitor(number, "10.1.1.1"), session_of(account_id)
    house.set(guard={"mode": "on"})
    guard_pass.solved(house.services, visitor)
    browser, now = hash_token(visitor.browser), house.clock()
    with house.services.database.write() as connection:
        guard.pin(connection, "country:FR", "challenge", now)
        assert guard.spend_pass(connection, browser, number, now, seconds=3600, most=2)
    wait_for_each_other(monkeypatch, (guarding, "kept"), (limits, "charge"))
    steps = [
        lambda: contacts.check_code(house.services, visitor, owner, "phone", ticket, code),
        lambda: sign_in.start(house.services, visitor, number, "FR"),
    ]
    proof, asked = both(steps)
    assert proof == Done()
    assert isinstance(asked, Refused)
    assert asked.reason == "challenge"


def sign_in_and_change(house: House, monkeypatch: pytest.MonkeyPatch, patience: float = 0.3) -> list[object]:
    key, _codes = member(house)
    browser = first_step(house)
    (account,) = house.sql("SELECT id FROM accounts")
    owner = replace(session_of(account.id), proved_at=house.clock())
    wait_for_each_other(monkeypatch, (tickets, "show_second"), (accounts, "replace_password"), patience=patience)
    steps = [
        lambda: browser.send(code=app_code(house, key)).status,
        lambda: password.change(house.services, house.visitor(), owner, "a long new phrase", end_sessions=True),
    ]
    return both(steps)


def test_a_second_step_and_a_new_password_at_once_do_not_block_each_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in, changed = sign_in_and_change(house, monkeypatch)
    assert changed == Done()
    assert signed_in != 503
