"""What all groups of commands have in common: a database that is away is told in a line, not as a traceback; a new one
gets its tables; one that is older than the code is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from subprocess import CalledProcessError
from typing import Any

from click import ClickException, Context
from flask import current_app
from flask.cli import AppGroup

from flows.services import Services
from storage import migrate
from storage.database import DATABASE_AWAY


class Commands(AppGroup):
    def invoke(self, ctx: Context) -> object:
        with plainly_told():
            return super().invoke(ctx)

    def command(self, *names: Any, tables: bool = True, **options: Any) -> Callable[[Callable[..., Any]], Any]:
        """``tables``: whether it needs the database's."""
        register = super().command(*names, **options)
        if not tables:
            return register

        def with_tables(run: Callable[..., Any]) -> Any:
            @wraps(run)
            def checked(*given: Any, **more: Any) -> Any:
                find_tables(current_app.extensions["doorcode"])
                return run(*given, **more)

            return register(checked)

        return with_tables


def find_tables(services: Services) -> None:
    """Newer ones are those of servers being replaced, which understand them."""
    found = migrate.revision(services.database)
    if not found:
        migrate.upgrade(services.environment.database_url)
    elif found < migrate.newest_revision():
        raise ClickException("The database is older than this code. Bring it up to date: flask --app app db upgrade")


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
