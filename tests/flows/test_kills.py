"""Power cuts: a process dies with SIGKILL at a named point, and nothing is lost, doubled or half made."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from delivery import worker as worker_module
from flows import entrance, sign_in, sign_up
from flows.outcomes import Next, SignedIn
from tests.kit import House, code_in, open_other_house
from tests.provider import Provider
from tests.racing import CONTEXT

NUMBER = "06 12 34 56 78"


def die(*_arguments: Any, **_more: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def run_and_die(database_url: str, instance: Path, step: Any, *arguments: Any) -> None:
    """Run ``step(house, ...)`` in a process that is killed on its way."""
    child = CONTEXT.Process(target=_run, args=(database_url, instance, step, arguments))
    child.start()
    child.join(timeout=60)
    assert child.exitcode == -signal.SIGKILL


def _run(database_url: str, instance: Path, step: Any, arguments: Any) -> None:
    with open_other_house(database_url, instance) as house:
        step(house, *arguments)


# Where a child dies.


def die_after_the_commit(house: House) -> None:
    sign_in.start(house.services, house.visitor(), NUMBER, "FR")
    die()


def die_before_the_call(house: House) -> None:
    worker_module.send = die  # type: ignore[assignment]
    house.worker.run()


def die_after_the_call(house: House) -> None:
    house.worker._record = die  # type: ignore[method-assign]
    house.worker.run()


def die_inside_the_verification(house: House, ticket: str, code: str) -> None:
    entrance.sessions.add = die  # type: ignore[assignment]
    sign_up.check_code(house.services, house.visitor(), ticket, code)


def after_the_lease(house: House) -> None:
    house.clock.forward(31)
    house.deliver()
    assert house.sql("SELECT state FROM messages")[0].state == "accepted"


def test_killed_after_the_commit_the_message_is_sent_by_another(
    house: House, provider: Provider, tmp_path: Path
) -> None:
    house.use_provider(provider.url)
    run_and_die(house.database_url, tmp_path / "instance", die_after_the_commit)
    house.deliver()
    assert len(provider.requests) == 1


def test_killed_before_the_call_nothing_is_lost(
    house: House, provider: Provider, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house.use_provider(provider.url)
    sign_in.start(house.services, house.visitor(), NUMBER, "FR")
    run_and_die(house.database_url, tmp_path / "instance", die_before_the_call)
    assert len(provider.requests) == 0
    after_the_lease(house)
    assert len(provider.requests) == 1
    assert "may arrive twice" in caplog.text


def test_killed_between_call_and_record_it_comes_at_most_twice_and_the_log_says_so(
    house: House, provider: Provider, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house.use_provider(provider.url)
    sign_in.start(house.services, house.visitor(), NUMBER, "FR")
    run_and_die(house.database_url, tmp_path / "instance", die_after_the_call)
    assert len(provider.requests) == 1
    after_the_lease(house)
    assert len(provider.requests) == 2
    assert "may arrive twice" in caplog.text
    assert provider.requests[0].body == provider.requests[1].body


def test_killed_inside_a_verification_there_is_no_half_made_account(
    house: House, provider: Provider, tmp_path: Path
) -> None:
    house.use_provider(provider.url)
    begun = sign_up.start(house.services, house.visitor(), NUMBER, "FR")
    assert isinstance(begun, Next)
    house.deliver()
    code = code_in(provider.requests[-1].body)
    run_and_die(house.database_url, tmp_path / "instance", die_inside_the_verification, begun.ticket, code)
    assert [house.count(table) for table in ("accounts", "identifiers", "sessions")] == [0, 0, 0]
    # The try stays counted, and the code is still good.
    assert house.sql("SELECT current FROM counters WHERE key LIKE 'tries:%'")[0].current == 1
    outcome = sign_up.check_code(house.services, house.visitor(), begun.ticket, code)
    assert isinstance(outcome, SignedIn)


def test_a_later_failure_does_not_undo_a_counted_try(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = sign_in.start(house.services, house.visitor(), NUMBER, "FR")
    assert isinstance(begun, Next)

    def fail(*_arguments: Any) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(sign_in.accounts, "by_identifier", fail)
    with pytest.raises(RuntimeError, match="on purpose"):
        sign_in.check_code(house.services, house.visitor(), begun.ticket, house.newest_code())
    assert house.sql("SELECT current FROM counters WHERE key LIKE 'tries:%'")[0].current == 1
    assert house.count("sessions") == 0
