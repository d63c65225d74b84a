"""``flask connector``: try the connector without a browser."""

from __future__ import annotations

import sys

import click
from flask import current_app

from cli.commands import Commands
from flows import connector_setup
from flows.outcomes import Refused
from flows.services import Services
from pages.words import sentence

COMMAND_LINE = "command line"  # whose tests these are
group = Commands("connector", help="The connector that sends messages.")


@group.command("test")
@click.argument("number")
@click.option("--name", help="Which connector; by default the one in use.")
@click.option("--language", default="en")
def test(number: str, name: str | None, language: str) -> None:
    """Send a test message to NUMBER (+33612345678) with the saved configuration."""
    services: Services = current_app.extensions["doorcode"]
    connectors = services.settings().connectors
    name = name or connectors.active
    if not name:
        sys.exit("No connector is in use: set one up first, or give --name.")
    if name not in services.connectors:
        sys.exit(f"There is no connector {name}: {' '.join(sorted(services.connectors))}")
    answer = connector_setup.test(
        services, COMMAND_LINE, name, connectors.configurations.get(name, {}), number, "", language
    )
    if isinstance(answer, Refused):
        problems = answer.values.get("problems") or {"number": sentence(answer)}
        sys.exit("\n".join(f"{field}: {problem}" for field, problem in problems.items()))
    click.echo(" ".join(filter(None, (answer.outcome, answer.refusal, answer.code, answer.detail))))
    sys.exit(0 if answer.outcome == "accepted" else 1)
