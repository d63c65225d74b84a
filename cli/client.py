"""``flask client``: the applications that people sign in to."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from flask import current_app

from cli.commands import Commands
from flows import clients
from flows.outcomes import Refused
from flows.services import Services
from settings.clients import FIELDS, ClientKind
from settings.fields import Kind
from storage.clients import Client

group = Commands("client", help="Applications that people sign in to.")

AUTHOR = "command line"


def services() -> Services:
    found: Services = current_app.extensions["doorcode"]
    return found


def _client(client_id: str) -> Client:
    client = clients.find(services(), client_id)
    if client is None:
        sys.exit("There is no application of this id: flask client list")
    return client


@group.command("create")
@click.argument("name")
@click.option("--kind", type=click.Choice([kind.value for kind in ClientKind]), default="web")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="May come several times.")
@click.option("--set", "others", multiple=True, metavar="NAME=VALUE", help="Any other setting, such as consent=on.")
def create(name: str, kind: str, redirect_uris: tuple[str, ...], others: tuple[str, ...]) -> None:
    """Make an application called NAME, and print its id and its secret, once, as JSON."""
    values: dict[str, Any] = {"name": name, "redirect_uris": list(redirect_uris)}
    lists = {field.name for field in FIELDS if field.kind is Kind.LIST}
    for each in others:
        key, _equals, value = each.partition("=")
        values[key] = value.split() if key in lists else value
    created = clients.create(services(), AUTHOR, kind, values)
    if isinstance(created, Refused):
        sys.exit("\n".join(f"{name}: {problem}" for name, problem in created.values.items()))
    shown = {"client_id": created.client_id, "client_secret": created.secret}
    click.echo(json.dumps({key: value for key, value in shown.items() if value}, indent=2))


@group.command("list")
def list_() -> None:
    """Print id, kind and name of each application."""
    for client in clients.list_all(services()):
        click.echo(f"{client.id}  {client.kind:7}  {client.settings.name}")


@group.command("rotate-secret")
@click.argument("client_id")
@click.option("--forget-old", is_flag=True, help="The secret before stops at once.")
def rotate_secret(client_id: str, forget_old: bool) -> None:
    """Make another secret for CLIENT_ID and print it, once. The one before stays good until the next time."""
    created = clients.rotate_secret(services(), AUTHOR, _client(client_id))
    if isinstance(created, Refused):
        sys.exit("This application has no secret.")
    if forget_old:
        clients.forget_old_secret(services(), AUTHOR, _client(client_id))
    click.echo(created.secret)


@group.command("delete")
@click.argument("client_id")
@click.option("--name", prompt="Its name, to be sure", help="The application's name.")
def delete(client_id: str, name: str) -> None:
    """Delete CLIENT_ID, and with it all that it was granted."""
    if isinstance(clients.delete(services(), AUTHOR, _client(client_id), name), Refused):
        sys.exit("That is not its name. Nothing was deleted.")
    click.echo("Deleted.")
