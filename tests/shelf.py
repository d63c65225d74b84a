"""Empty databases of PostgreSQL for tests: emptied after one and used again, which is quicker than a new one."""

from __future__ import annotations

import secrets

import psycopg
from sqlalchemy import make_url

LARGEST = 2_000_000  # bytes of a table; of a larger one the space would stay taken
TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
GROWN = f"{TABLES} AND pg_relation_size(oid) > {LARGEST}"
LEAVE = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
RESTART = """SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences
    WHERE last_value IS NOT NULL"""
SHAPE = """SELECT (SELECT count(*) FROM pg_trigger), md5(string_agg(format('%s %s %s', c.oid, attname, atttypid), ','
    ORDER BY c.oid, attnum)) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0"""
KEPT = "alembic_version"


class Shelf:
    """``server``: a URL of the server; ``template``: that of the database to copy, in which only ``KEPT`` has rows."""

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template = server, make_url(template).database
        self._empty: list[tuple[str, object]] = []  # a URL, and what its tables look like
        self._lent: dict[str, object] = {}

    def take(self) -> str:
        url, shape = self._empty.pop() if self._empty else self._new()
        self._lent[url] = shape
        return url

    def put_back(self, url: str) -> None:
        """Whoever is still connected is cut off. What was changed but for its rows is thrown away."""
        shape = self._lent.pop(url)
        try:
            usable = _emptied(url, shape)
        except psycopg.Error:
            usable = False
        if usable:
            self._empty.append((url, shape))
        else:
            self._drop(url)

    def clear(self) -> None:
        for url, _shape in self._empty:
            self._drop(url)

    def _new(self) -> tuple[str, object]:
        name = f"doorcode_{secrets.token_hex(6)}"
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {self._template}".encode())
        url = make_url(self._server).set(database=name).render_as_string(hide_password=False)
        with psycopg.connect(url) as connection:
            return url, connection.execute(SHAPE).fetchone()

    def _drop(self, url: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)".encode())


def _emptied(url: str, shape: object) -> bool:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(LEAVE)
        if connection.execute(SHAPE).fetchone() != shape or connection.execute(GROWN).fetchall():
            return False
        tables = [name for (name,) in connection.execute(TABLES.encode()) if name != KEPT]
        found = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables)  # noqa: S608
        full = [name for (name,) in connection.execute(found.encode())]
        rows = "; ".join(f"DELETE FROM {name}" for name in full)  # noqa: S608
        connection.execute(f"SET session_replication_role = replica; {rows}".encode())
        connection.execute(RESTART)
    return True
