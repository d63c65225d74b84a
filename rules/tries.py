"""How often a code may be guessed: a few tries a flow, and few wrong ones in a row a number, however many flows.

The count goes up before the code is looked at, in a transaction of its own: no rollback and no race can lose it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rules.refusals import Reason, RefusedError
from settings.console import Settings
from storage import counters
from storage.counters import Raise
from storage.database import Connection

FIRST_WAIT, LONGEST_WAIT = 30, 3600  # seconds; NIST SP 800-63B-4, 3.2.2
DAY = 86400  # longer than any flow


def _tries_key(ticket_id: str) -> str:
    return f"tries:{ticket_id}"


def _failures_key(purpose: str, number: str) -> str:
    return f"failures:{purpose}:{number}"


def count(connection: Connection, settings: Settings, ticket_id: str, purpose: str, number: str, now: float) -> int:
    """Count one more try, and say how many are left after it. Raises RefusedError where it may not be looked at."""
    of_flow = Raise(_tries_key(ticket_id), DAY)
    of_number = Raise(_failures_key(purpose, number), None)
    readings = counters.raise_all(connection, [of_flow, of_number], now)
    tried = readings[of_flow.key].current + readings[of_flow.key].previous
    if tried > settings.codes.tries:
        raise RefusedError(Reason.TOO_MANY_TRIES)
    _check_failures(settings, readings[of_number.key], now)
    return settings.codes.tries - tried


def count_password(connection: Connection, settings: Settings, who: str, now: float) -> None:
    """The same count for what has no ticket: an admin's password. Raises RefusedError."""
    failures = Raise(_failures_key("password", who), None)
    reading = counters.raise_all(connection, [failures], now)[failures.key]
    _check_failures(settings, reading, now, Reason.SIGN_IN_LATER, Reason.SIGN_IN_STOPPED)


def password_succeeded(connection: Connection, who: str) -> None:
    counters.clear(connection, _failures_key("password", who))


def _check_failures(
    settings: Settings,
    reading: counters.Reading,
    now: float,
    later: Reason = Reason.TRY_LATER,
    stopped: Reason = Reason.STOPPED,
) -> None:
    if reading.current > settings.codes.failures_before_stop:
        raise RefusedError(stopped)
    over = reading.current - settings.codes.failures_before_wait
    if over > 0:
        wait = min(FIRST_WAIT * 2 ** min(over - 1, 10), LONGEST_WAIT)
        left = min(reading.before_at + wait - now, wait)
        if left > 0:
            raise RefusedError(later, math.ceil(left))


def have_succeeded(connection: Connection, proofs: Sequence[tuple[str, str, float]]) -> None:
    """The right codes end the rows of wrong ones: of a purpose and a number, at a time. A row that somebody has gone on
    with since stays as it is."""
    counters.clear_unless_raised(connection, {_failures_key(purpose, number): at for purpose, number, at in proofs})


def succeeded(connection: Connection, purpose: str, number: str, *, flow: str = "") -> bool:
    """The right code ends the row of wrong ones. Also how an admin opens a number again; false where it had none.

    ``flow``: one that goes on, and has all its tries again, as a session that is proved now and then.
    """
    if flow:
        counters.clear(connection, _tries_key(flow))
    return counters.clear(connection, _failures_key(purpose, number))


def give_back(connection: Connection, ticket_id: str, purpose: str, number: str, now: float) -> None:
    """What was typed just now was right, and is refused for another reason: it was no try."""
    counted = [Raise(_tries_key(ticket_id), DAY), Raise(_failures_key(purpose, number), None)]
    counters.lower_all(connection, [(each.key, each.period(now), each.amount) for each in counted], now)
