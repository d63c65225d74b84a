"""What all groups of commands have in common: a database that is away is told in a line, not as a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import CalledProcessError

from click import ClickException, Context
from flask.cli import AppGroup

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
    except DATABASE_AWAY as error:
        why = str(getattr(error, "orig", error)).splitlines()[0]
        raise ClickException(f"The database does not answer: {why}") from None
    except CalledProcessError:
        raise ClickException("The schema could not be brought up to date, for the reason above.") from None
