"""One database, SQLite or PostgreSQL, one set of statements.

``read()`` gives a connection that holds no transaction; ``write()`` one transaction, committed at its end and rolled
back by any exception; ``write_once()`` a connection for one statement that is a transaction by itself, which spares
PostgreSQL two round trips. On SQLite it does not wait for the disk, nor does ``write(lasting=False)``: a power cut, but
no kill, may undo what they did (on PostgreSQL only where the statement says so: storage/counters.py). On SQLite a
transaction begins with BEGIN IMMEDIATE: a read that turns into a write would fail with "database is locked" at once,
whatever the busy timeout. Errors do not quote a statement's values: they end in the log.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine, TextualSelect, column, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from settings.environment import StartError

__all__ = ["DATABASE_AWAY", "Connection", "Database", "open_database", "rows_of"]

# The database does not answer, or has no connection free: nothing was decided, and it may be better in a moment.
DATABASE_AWAY = (OperationalError, InterfaceError, NoConnectionError)

HOW_WRITTEN = (
    "Write postgresql://user:password@host/name, with each of / : @ # % in a password as %2F %3A %40 %23 %25, "
    "or sqlite:////folder/doorcode.db."
)
BUSY_SECONDS = 5
# A server whose machine is gone says nothing: without these, whoever waits for its answer does so for a quarter of an
# hour, or for two. Seconds, but for the last, which is in milliseconds (Linux).
NOTICES_A_DEAD_SERVER = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
CACHE_KIB = 512  # for each connection; what it has not is in the system's cache


def rows_of(statement: str, columns: Iterable[str]) -> TextualSelect:
    """A statement that gives rows of these columns, in their order.

    Where they are not named, SQLAlchemy looks at the columns of each result anew: that doubles what a small read costs.
    """
    return text(statement).columns(*map(column, columns))


class Database:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        # SQLite takes one writer at a time and lets the others sleep for up to a tenth of a second between looks;
        # within a process a lock wakes the next one at once.
        self._writing: AbstractContextManager[object] = threading.Lock() if self.is_sqlite else nullcontext()
        self._reading = engine if self.is_sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._reading.connect() as connection:
            yield connection

    @contextmanager
    def write_once(self) -> Iterator[Connection]:
        with self._writing, self._reading.connect() as connection, self._not_waiting(connection):
            yield connection

    @contextmanager
    def write(self, *, lasting: bool = True) -> Iterator[Connection]:
        with (
            self._writing,
            self.engine.connect() as connection,
            nullcontext() if lasting else self._not_waiting(connection),
            connection.begin(),
        ):
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def _not_waiting(self, connection: Connection) -> Iterator[None]:
        """For the disk: the next commit that must last takes this one along."""
        if not self.is_sqlite:
            yield
            return
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous=FULL")


def open_database(url: str, *, connections: int = 10) -> Database:
    """Open the database of ``url``, with at most ``connections`` at once. Nothing is asked of it yet.
    Raises StartError where the URL is none, without quoting it: it has a password."""
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        raise StartError(f"DOORCODE_DATABASE_URL is no URL. {HOW_WRITTEN}") from None
    if backend not in ("sqlite", "postgresql"):
        raise StartError(f"DOORCODE_DATABASE_URL names a database of another kind. {HOW_WRITTEN}")
    if backend == "sqlite":
        return Database(_sqlite(parsed, connections))
    return Database(
        create_engine(
            parsed,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=BUSY_SECONDS,
            pool_recycle=1800,
            skip_autocommit_rollback=True,
            hide_parameters=True,
            connect_args={"connect_timeout": BUSY_SECONDS, **NOTICES_A_DEAD_SERVER},
        )
    )


def _sqlite(url: Any, connections: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "foreign_keys=ON",
            f"cache_size=-{CACHE_KIB}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine
