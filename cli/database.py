"""``flask db``: the database's schema."""

from __future__ import annotations

import click
from flask import current_app

from cli.commands import Commands
from storage import migrate

group = Commands("db", help="The database's schema.")


@group.command("upgrade", tables=False)
def upgrade() -> None:
    """Bring the schema up to date. ``serve`` and ``worker`` do so by themselves."""
    services = current_app.extensions["doorcode"]
    if not migrate.is_current(services.database):
        migrate.upgrade(services.environment.database_url)
    click.echo(f"The schema is {migrate.newest_revision()}.")
