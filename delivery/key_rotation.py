"""The keys that sign tokens change by themselves. Every worker may see to it; twice does no harm."""

from __future__ import annotations

from collections.abc import Callable

from rules import signing
from settings.keys import Keys, Use
from storage.database import Database

HOUR = 3600


class KeyRotation:
    def __init__(self, database: Database, keys: Keys, clock: Callable[[], float]) -> None:
        self._database = database
        self._sealing_keys = keys.all(Use.SEALING)
        self._clock = clock
        self._due_at = clock() + HOUR

    def run_if_due(self) -> None:
        if self._clock() >= self._due_at:
            self._due_at = self._clock() + HOUR
            signing.ensure(self._database, self._sealing_keys, self._clock())
