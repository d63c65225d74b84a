"""Once an hour, what is over is removed. Every worker may do it; twice does no harm."""

from __future__ import annotations

import logging
from collections.abc import Callable

from storage import counters, messages, receipts, sessions, tickets
from storage.database import Database

log = logging.getLogger("doorcode.housekeeping")

HOUR, DAY = 3600, 86400
MESSAGES_KEPT = 30 * DAY


class Housekeeping:
    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._due_at = clock() + HOUR

    def run_if_due(self) -> None:
        if self._clock() >= self._due_at:
            self._due_at = self._clock() + HOUR
            self.run()

    def run(self) -> None:
        now = self._clock()
        with self._database.write() as connection:
            removed = {
                "counters": counters.prune(connection, now),
                "tickets": tickets.prune(connection, now - DAY),
                "sessions": sessions.prune(connection, now),
                "messages": messages.prune(connection, now - MESSAGES_KEPT),
                "receipts": receipts.prune(connection, now - MESSAGES_KEPT),
            }
        log.info("removed what is over: %s", removed)
