"""``flask settings``: the console's settings as one JSON document."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

import click
from flask import current_app

from cli.commands import Commands
from flows import change_settings
from flows.outcomes import Refused
from flows.services import Services
from settings.console import document_schema

group = Commands("settings", help="The console's settings as one JSON document.")

AUTHOR = "command line"


def services() -> Services:
    found: Services = current_app.extensions["doorcode"]
    return found


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


@group.command("export")
@click.option("--secrets", is_flag=True, help="With the providers' keys, in clear.")
def export(secrets: bool) -> None:
    """Print the settings in force."""
    print_json(change_settings.export(services(), secrets=secrets))


@group.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
def import_(file: TextIO) -> None:
    """Make FILE (or the standard input) the settings in force. A secret that it leaves out is kept, while its address
    stays."""
    try:
        document = json.load(file)
    except (ValueError, RecursionError) as error:
        sys.exit(f"This is not JSON: {error}")
    document = change_settings.with_kept_secrets(services(), document)
    _end(change_settings.save(services(), AUTHOR, document, action="settings.imported"))


@group.command("schema", tables=False)
def schema() -> None:
    """Print the JSON schema of the document."""
    print_json(document_schema(services().connectors, services().upstreams, services().lookups))


@group.command("history")
def history() -> None:
    """List the versions, the newest first."""
    for version in change_settings.history(services()):
        when = datetime.fromtimestamp(version.created_at, UTC).isoformat(timespec="seconds")
        click.echo(f"{version.id}  {when}  {version.author}")
        for path, old, new in version.changes:
            click.echo(f"    {path}: {json.dumps(old)} -> {json.dumps(new)}")


@group.command("rollback")
@click.argument("version", type=click.IntRange(0, 2**31))
def rollback(version: int) -> None:
    """Make an earlier version the newest; 0 is how it was before the first save."""
    _end(change_settings.roll_back(services(), AUTHOR, version))


def _end(outcome: object) -> None:
    if isinstance(outcome, Refused):
        for path, problem in outcome.values.items():
            click.echo(f"{path or 'document'}: {problem}", err=True)
        sys.exit(f"Nothing was changed: {outcome.reason.replace('_', ' ')}.")
    click.echo("Saved.")
