"""Every five minutes messages are counted by the day; once an hour what is over is removed.

Every worker may do both; twice does no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from settings.console import Settings
from storage import message_days, pruning
from storage.database import Database
from storage.message_days import Tariff

log = logging.getLogger("doorcode.housekeeping")

HOUR, DAY = 3600, 86400
ONCE_OVER = (
    *("challenge_waits", "challenges", "counters", "device_codes", "grants", "guard_evidence", "guard_passes"),
    *("idempotency_keys", "look_ups", "number_claims", "refresh_tokens", "sessions", "spent_tokens"),
    "trusted_browsers",
)
A_DAY_LATER = ("authorization_requests", "tickets", "upstream_visits")
AS_MESSAGES = ("alarms", "guard_hours", "guard_stops", "invitation_files", "invitations", "receipts")
AT_ONCE = 5000  # rows
COUNT_EVERY = 300
EVENT_DAYS = 365  # of what happened to an account
WEBHOOK_DAYS = 7  # of what was told to webhooks, and what they answered
DAYS_COUNTED_AGAIN = 2  # before the last one that was: receipts come late


def over(now: float, kept_since: float) -> dict[str, float]:
    """By table the time before which its rows are over. ``kept_since``: of messages, which go apart."""
    return {
        **dict.fromkeys(ONCE_OVER, now),
        **dict.fromkeys(A_DAY_LATER, now - DAY),
        **dict.fromkeys(AS_MESSAGES, kept_since),
        "events": now - EVENT_DAYS * DAY,
        "webhook_deliveries": now - WEBHOOK_DAYS * DAY,
    }


class Housekeeping:
    def __init__(self, database: Database, settings: Callable[[], Settings], clock: Callable[[], float]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._count_at = clock()
        self._due_at = clock() + HOUR

    def run_if_due(self) -> None:
        now = self._clock()
        if now >= self._count_at:
            self._count_at = now + COUNT_EVERY
            self.count()
        if now >= self._due_at:
            self._due_at = now + HOUR
            self.run()

    def count(self) -> None:
        """Count the days that may have changed since they were counted last, unless another worker just did."""
        now = self._clock()
        with self._database.read() as connection:
            counted_at, oldest = message_days.counted_at(connection), message_days.oldest(connection)
        if counted_at is not None and 0 <= now - counted_at < COUNT_EVERY:
            return
        today = int(now // DAY)
        first = today if oldest is None else oldest
        if counted_at is not None:
            first = max(first, int(counted_at // DAY) - DAYS_COUNTED_AGAIN)
        for day in range(first, today + 1):
            with self._database.write() as connection:
                message_days.count(connection, day, self._tariff())
        with self._database.write() as connection:
            message_days.set_counted_at(connection, now)

    def run(self) -> None:
        now = self._clock()
        kept_since = now - self._settings().messages.kept_days * DAY
        removed = {table: self._removed(table, at) for table, at in over(now, kept_since).items()}
        removed["messages"] = self._prune_messages(kept_since)
        log.info("removed what is over: %s", removed)

    def _removed(self, table: str, at: float) -> int:
        """Each piece in a transaction of its own."""
        removed = 0
        while True:
            with self._database.write() as connection:
                some = pruning.remove(connection, table, at, most=AT_ONCE)
            removed += some
            if some < AT_ONCE:
                return removed

    def _prune_messages(self, before: float) -> int:
        """A day at a time, once that is counted."""
        with self._database.read() as connection:
            oldest = message_days.oldest(connection)
        if oldest is None:
            return 0
        removed = 0
        for day in range(oldest, int(before // DAY) + 1):
            with self._database.write() as connection:
                message_days.count(connection, day, self._tariff())
            removed += self._removed("messages", min(before, (day + 1) * DAY))
        return removed

    def _tariff(self) -> Tariff:
        money = self._settings().money
        return Tariff(money.currency, money.price)
