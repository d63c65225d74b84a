"""``flask keys``: the keys that sign tokens."""

from __future__ import annotations

import click
from flask import current_app

from cli.commands import Commands
from flows import signing_keys

group = Commands("keys", help="The keys that sign tokens.")


@group.command("rotate")
@click.option("--at-once", is_flag=True, help="Sign with them now: an application that knows them not yet may fail.")
def rotate(at_once: bool) -> None:
    """Publish new keys, which sign in a day. The old ones stay published while what they signed may be shown."""
    for key in signing_keys.rotate(current_app.extensions["doorcode"], "command line", at_once=at_once):
        click.echo(f"{key.algorithm}  {key.id}")
