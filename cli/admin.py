"""``flask admin``: admins of the console."""

from __future__ import annotations

import sys

import click
from flask import current_app

from cli.commands import Commands
from flows import admin_setup
from flows.outcomes import Refused
from pages.words import sentence

group = Commands("admin", help="Admins of the console.")


@group.command("create")
@click.argument("name")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True, envvar="DOORCODE_ADMIN_PASSWORD")
def create(name: str, password: str) -> None:
    """Make an admin called NAME. Their authenticator app is asked for when they first sign in."""
    outcome = admin_setup.create_by_command(current_app.extensions["doorcode"], name, password)
    if isinstance(outcome, Refused):
        sys.exit(f"No admin was made. {sentence(outcome)}")
    click.echo(f"{name} can sign in at /admin.")
