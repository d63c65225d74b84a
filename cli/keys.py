"""``flask keys``: the keys that sign tokens."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from flows import signing_keys

group = AppGroup("keys", help="The keys that sign tokens.")


@group.command("rotate")
def rotate() -> None:
    """Sign with new keys from now on. The old ones stay published while tokens that they signed may be shown."""
    for key in signing_keys.rotate(current_app.extensions["doorcode"], "command line"):
        click.echo(f"{key.algorithm}  {key.id}")
