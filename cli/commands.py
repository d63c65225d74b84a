"""What all groups of commands have in common: a database that is away is told in a line, not as a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import CalledProcessError

from click import ClickException, Context
from flask.cli import AppGroup

from storage import migrate
from storage.database import DATABASE_AWAY


class Commands(AppGroup):
    def invoke(self, ctx: Context) -> object:
        with plainly_told():
            return super().invoke(ctx)


@contextmanager
def plainly_told() -> Iterator[None]:
    """Raises ClickException, whose text alone is printed, with status 1."""
    try:
        yield
    except CalledProcessError:
        raise ClickException("The schema could not be brought up to date, for the reason above.") from None
    except Exception as error:
        if migrate.is_of_another_version(error):
            raise ClickException("The database is of another version: flask --app app db upgrade") from None
        if not isinstance(error, DATABASE_AWAY):
            raise
        why = str(getattr(error, "orig", error)).splitlines()[0]
        raise ClickException(f"The database does not answer: {why}") from None
