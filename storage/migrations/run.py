"""Migrate the database of ``DOORCODE_DATABASE_URL``: ``python -m storage.migrations.run``.

Only one migrates at a time, however many start together, and a migration that fails leaves nothing behind.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import text

from storage.database import open_database

LOCK = 0x0D00C0DE  # any number of our own


def main() -> None:
    database = open_database(os.environ["DOORCODE_DATABASE_URL"], connections=1)
    with database.write() as connection:  # on SQLite this alone keeps others out
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(__file__).parent))
        try:
            command.upgrade(config, "head")
        except CommandError as error:  # the database is of a version that is newer than this code
            sys.exit(str(error))


if __name__ == "__main__":
    main()
