"""Where Flask-Limiter counts when there is no Redis: in the database, shared by all processes.

``limits`` finds this class by its scheme: ``Limiter(storage_uri="appdb://", storage_options={"database": ...})``.
"""

from __future__ import annotations

import time
from typing import Any

from limits.storage import Storage
from limits.storage.base import SlidingWindowCounterSupport

from storage import counters
from storage.counters import Raise
from storage.database import DATABASE_AWAY, Database

SCHEME = "appdb"


class DoorStorage(Storage, SlidingWindowCounterSupport):
    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - so declared by the library

    def __init__(self, uri: str | None = None, *, database: Database, **options: Any) -> None:
        super().__init__(uri, **options)
        self._database = database

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return DATABASE_AWAY

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """A request that is refused does not count."""
        with self._database.write_once() as connection:
            item = Raise(key, expiry, amount)
            return counters.raise_within(connection, item, limit, time.time(), lasting=False)

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """(previous count, seconds until it stops weighing, current count, seconds until it does)."""
        now = time.time()
        with self._database.read() as connection:
            current, previous = counters.read_period(connection, key, expiry, now)
        left = expiry - now % expiry
        return previous, left, current, left + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        self.clear(key)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        with self._database.write() as connection:
            return counters.raise_all(connection, [Raise(key, expiry, amount)], time.time())[key].current

    def get(self, key: str) -> int:
        with self._database.read() as connection:
            return counters.read_last(connection, key)[0]

    def get_expiry(self, key: str) -> float:
        with self._database.read() as connection:
            return counters.read_last(connection, key)[1]

    def check(self) -> bool:
        with self._database.read() as connection:
            return counters.read_last(connection, "door") is not None

    def reset(self) -> int | None:
        with self._database.write() as connection:
            return counters.clear_all(connection, prefix="LIMITS:")

    def clear(self, key: str) -> None:
        with self._database.write() as connection:
            counters.clear(connection, key)
