"""``flask db``: the database's schema."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from storage import migrate

group = AppGroup("db", help="The database's schema.")


@group.command("upgrade")
def upgrade() -> None:
    """Bring the schema up to date. ``serve`` and ``worker`` do so by themselves."""
    migrate.upgrade(current_app.extensions["doorcode"].environment.database_url)
    click.echo(f"The schema is {migrate.newest_revision()}.")
