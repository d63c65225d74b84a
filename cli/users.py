"""``flask users``: the people who sign in."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app

from cli import user_files
from cli.commands import Commands
from flows import import_users

group = Commands("users", help="The people who sign in.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Make an account of each line of FILE: JSON lines, or CSV with a header (named .csv).

    Fields: phone (with + and calling code), email, username, password_hash (argon2, bcrypt, PBKDF2 or scrypt),
    created_at, locale, phone_verified, email_verified. Lines with a problem are told and left out; what is there
    already is left as it is, so that a run that was broken off can be run again.
    """

    def tell(number: int, problem: str) -> None:
        click.echo(f"line {number}: {problem}", err=True)

    report = import_users.run(current_app.extensions["doorcode"], user_files.read(file), tell)
    click.echo(f"{report.imported} imported, {report.there} there already, {report.refused} refused.")
    if report.left_out:
        click.echo(f"{report.left_out} numbers and addresses were left out: nobody has verified them.")
    if report.refused:
        sys.exit(1)
