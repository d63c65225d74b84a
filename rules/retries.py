"""Whether a message that a provider did not take is tried once more, and when."""

from __future__ import annotations

import random

MOST_ATTEMPTS = 4
FIRST_PAUSE = 1.0  # seconds, doubled each time
PASSING = frozenset({"throttled", "temporary"})


def next_attempt_at(
    refusal: str, attempts: int, now: float, expires_at: float, retry_after: float | None
) -> float | None:
    """When to try again after ``attempts`` refusals, or None to give up: for good reasons, or because the code dies."""
    if refusal not in PASSING or attempts >= MOST_ATTEMPTS:
        return None
    pause = FIRST_PAUSE * 2 ** (attempts - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads, hides nothing
    due_at = now + max(pause, retry_after or 0)
    return due_at if due_at < expires_at else None
