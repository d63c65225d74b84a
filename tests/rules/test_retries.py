"""When a message that was not taken is tried again."""

from __future__ import annotations

import pytest

from connectors.contract import Refusal
from rules.retries import MOST_ATTEMPTS, PASSING, next_attempt_at

NOW, DEAD = 1000.0, 1600.0


def pauses(attempts: int) -> list[float]:
    found = [next_attempt_at("temporary", attempts, NOW, DEAD, None) for _ in range(100)]
    return [due_at - NOW for due_at in found if due_at]


@pytest.mark.parametrize(("attempts", "pause"), [(1, 1), (2, 2), (3, 4)])
def test_pauses_double_and_differ(attempts: int, pause: float) -> None:
    found = pauses(attempts)
    assert len(found) == 100
    assert 0.5 * pause <= min(found) < 0.8 * pause
    assert 1.2 * pause < max(found) <= 1.5 * pause


def test_there_is_an_end() -> None:
    assert pauses(MOST_ATTEMPTS) == []


def test_only_passing_trouble_is_tried_again() -> None:
    again = {kind for kind in Refusal if next_attempt_at(kind, 1, NOW, DEAD, None)}
    assert again == PASSING == {"temporary", "throttled"}


def test_a_provider_that_says_when_is_not_asked_before() -> None:
    assert next_attempt_at("throttled", 1, NOW, DEAD, 30) == NOW + 30
    assert next_attempt_at("throttled", 1, NOW, DEAD, 0) != NOW


@pytest.mark.parametrize("retry_after", [600, 3600])
def test_what_would_come_after_the_code_has_died_is_given_up(retry_after: float) -> None:
    assert next_attempt_at("throttled", 1, NOW, DEAD, retry_after) is None
