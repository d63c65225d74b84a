"""PostgreSQL tells who listens at once that a message was committed (LISTEN and NOTIFY, by a trigger)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import text

from storage.database import DATABASE_AWAY, Database

log = logging.getLogger("doorcode.delivery")

LISTEN = text("LISTEN doorcode_outbox")
RECONNECT_AFTER = 1.0  # seconds


@contextmanager
def listening(database: Database, wake: Callable[[], None]) -> Iterator[None]:
    """Call ``wake`` at each message that any process commits. Does nothing on SQLite."""
    if database.is_sqlite:
        yield
        return
    stopping = threading.Event()
    thread = threading.Thread(target=_listen, args=(database, wake, stopping), name="doorcode-listen", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def _listen(database: Database, wake: Callable[[], None], stopping: threading.Event) -> None:
    driver_error = database.engine.dialect.loaded_dbapi.OperationalError
    while not stopping.is_set():
        try:
            with database.read() as connection:
                connection.execute(LISTEN)
                notices = connection.connection.driver_connection.notifies  # type: ignore[union-attr]
                wake()  # for what came while nobody listened
                while not stopping.is_set():
                    for _notice in notices(timeout=0.5, stop_after=1):
                        wake()
                connection.invalidate()  # so that no later borrower of this connection listens
        except (*DATABASE_AWAY, driver_error):
            log.warning("the listening connection was lost; trying again in %s s", RECONNECT_AFTER)
            stopping.wait(RECONNECT_AFTER)
