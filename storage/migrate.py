"""Whether a database has the newest schema, and bringing it there.

Alembic runs in a process of its own: it costs 0.7 s and 40 MB that a web process has no other use for.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from storage.database import Database

NOT_THERE = re.compile(r"no such (table|column)|(relation|column) .* does not exist")
FOLDER = Path(__file__).parent / "migrations"


def newest_revision() -> str:
    """Revisions are named by their files, ``0001_the_house.py``; the last one is the newest."""
    return max(path.stem for path in (FOLDER / "versions").glob("[0-9]*.py"))


def is_current(database: Database) -> bool:
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) == newest_revision())


def is_of_another_version(error: Exception) -> bool:
    """Whether a statement met a table or column that is not there."""
    return isinstance(error, OperationalError | ProgrammingError) and bool(NOT_THERE.search(str(error.orig)))


def upgrade(url: str) -> None:
    """Migrate the database of ``url`` in a process of its own. Raises CalledProcessError where that fails."""
    command = [sys.executable, "-m", "storage.migrations.run"]
    variables = os.environ | {"DOORCODE_DATABASE_URL": url}
    subprocess.run(command, check=True, env=variables, cwd=FOLDER.parent.parent)  # noqa: S603 - our own module
