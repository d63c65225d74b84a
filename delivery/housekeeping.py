"""Every five minutes messages are counted by the day; once an hour what is over is removed.

Every worker may do both; twice does no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from settings.console import Settings
from storage import (
    alarms,
    authorization_requests,
    challenges,
    counters,
    device_codes,
    events,
    grants,
    guard,
    idempotency,
    invitation_files,
    invitations,
    look_ups,
    message_days,
    messages,
    number_claims,
    receipts,
    sessions,
    spent_tokens,
    tickets,
    trusted_browsers,
    upstream_visits,
    webhook_deliveries,
)
from storage.database import Connection, Database
from storage.message_days import Tariff

log = logging.getLogger("doorcode.housekeeping")

HOUR, DAY = 3600, 86400
COUNT_EVERY = 300
EVENT_DAYS = 365  # of what happened to an account
WEBHOOK_DAYS = 7  # of what was told to webhooks, and what they answered
DAYS_COUNTED_AGAIN = 2  # before the last one that was: receipts come late


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
        before = now - self._settings().messages.kept_days * DAY
        over: dict[str, tuple[Callable[[Connection, float], int], float]] = {
            "counters": (counters.prune, now),
            "tickets": (tickets.prune, now - DAY),
            "sessions": (sessions.prune, now),
            "authorization requests": (authorization_requests.prune, now - DAY),
            "grants": (grants.prune, now),
            "device codes": (device_codes.prune, now),
            "idempotency keys": (idempotency.prune, now),
            "spent tokens": (spent_tokens.prune, now),
            "trusted browsers": (trusted_browsers.prune, now),
            "challenges": (challenges.prune, now),
            "visits to other providers": (upstream_visits.prune, now - DAY),
            "guard's records": (partial(guard.prune, before=before), now),
            "alarms": (alarms.prune, before),
            "claims of numbers": (number_claims.prune, now),
            "invitations": (invitations.prune, before),
            "files of invitations": (invitation_files.prune, before),
            "receipts": (receipts.prune, before),
            "look-ups": (look_ups.prune, now),
            "events": (events.prune, now - EVENT_DAYS * DAY),
        }
        removed = {name: self._removed(prune, at) for name, (prune, at) in over.items()}
        removed["messages"] = self._prune_messages(before)
        removed["webhook events"] = self._prune_webhook_events(now - WEBHOOK_DAYS * DAY)
        log.info("removed what is over: %s", removed)

    def _removed(self, prune: Callable[[Connection, float], int], at: float) -> int:
        """Each in a transaction of its own, so that nobody waits for all of them."""
        with self._database.write() as connection:
            return prune(connection, at)

    def _prune_messages(self, before: float) -> int:
        """A day at a time, so that nobody waits for long; what is removed has been counted."""
        with self._database.read() as connection:
            oldest = message_days.oldest(connection)
        if oldest is None:
            return 0
        removed = 0
        for day in range(oldest, int(before // DAY) + 1):
            with self._database.write() as connection:
                message_days.count(connection, day, self._tariff())
                removed += messages.prune(connection, min(before, (day + 1) * DAY))
        return removed

    def _prune_webhook_events(self, before: float) -> int:
        removed = 0
        while True:
            with self._database.write() as connection:
                some = webhook_deliveries.prune(connection, before)
            removed += some
            if some < webhook_deliveries.PRUNED_AT_ONCE:
                return removed

    def _tariff(self) -> Tariff:
        money = self._settings().money
        return Tariff(money.currency, money.price)
