"""``flask numbers``: numbers whose codes were stopped."""

from __future__ import annotations

import sys

import click
from flask import current_app

from cli.commands import Commands
from flows import console
from flows.outcomes import Refused
from pages.words import sentence

group = Commands("numbers", help="Phone numbers.")


@group.command("open")
@click.argument("number")
def open_(number: str) -> None:
    """Let codes go to NUMBER (+33612345678) again after too many wrong ones in a row."""
    outcome = console.open_number(current_app.extensions["doorcode"], "command line", number, "")
    if isinstance(outcome, Refused):
        sys.exit(f"Not opened. {sentence(outcome)}")
    click.echo("Open.")
