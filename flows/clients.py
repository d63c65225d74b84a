"""The applications that people sign in to by Doorcode.

list_all            all of them
find                one
create              a new one, with its secret, which is shown once      -> created | refused, with a problem a field
save                other settings                                       -> done | refused, with a problem a field
rotate_secret       another secret beside the one before                 -> created | refused
forget_old_secret   only the newest stays good
delete              it, and all that it was granted, once its name is typed
button_colours      and of the text on them, by day and in the dark
home_of             where it begins
check_redirect      is this one of its redirect addresses, and if not why not?
origins             the sites whose scripts may call in its name
has_all_of          may this program see to an application that may do that?
calling_sites       the origins whose scripts may call the Account API at all
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flows.client_checks import checked
from flows.outcomes import Done, Refused
from flows.services import Services
from rules import colours, redirects
from rules.tokens import hash_token, is_id, new_id, new_token
from settings.clients import ClientKind, write_client
from settings.fields import N_, Problem
from storage import audit, clients
from storage.audit import Entry
from storage.clients import Client
from storage.database import Connection

NO_CLIENT = "no_such_client"


@dataclass(frozen=True)
class Created:
    """``secret`` is empty for an application that has none."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class RedirectAnswer:
    """``nearest``: of those that are registered; ``differences``: in words, from it. ``same``: so many characters."""

    right: bool
    nearest: str
    differences: list[Problem]
    same: int = 0


class TakenError(Exception):
    """An address is protected for another application: its text says which."""


def list_all(services: Services) -> list[Client]:
    with services.database.read() as connection:
        return clients.list_all(connection)


def find(services: Services, client_id: str) -> Client | None:
    if not is_id(client_id):
        return None
    with services.database.read() as connection:
        return clients.find(connection, client_id)


def create(services: Services, author: str, kind: str, values: dict[str, Any]) -> Created | Refused:
    if kind not in list(ClientKind):
        return Refused("invalid", values={"kind": Problem(N_("Choose one of the list."))})
    settings, problems = checked(services, ClientKind(kind), values)
    if settings is None:
        return Refused("invalid", values=dict(problems))
    client = Client(new_id(), ClientKind(kind), settings, services.clock())
    try:
        with services.database.write() as connection:
            clients.add(connection, client)
            _protect(connection, client)
            secret = _new_secret(services, connection, client)
            _note(services, connection, author, "client.created", client)
    except TakenError as error:
        return _taken(error)
    return Created(client.id, secret)


def _protect(connection: Connection, client: Client) -> None:
    taken = clients.protect(connection, client)
    if taken:
        raise TakenError(taken)


def _taken(error: TakenError) -> Refused:
    problem = Problem(N_("%(uri)s: another application has this address."), {"uri": str(error)})
    return Refused("invalid", values={"protected_origins": problem})


def _new_secret(services: Services, connection: Connection, client: Client) -> str:
    if client.public or client.kind is ClientKind.PROXY or client.settings.authentication != "secret":
        return ""
    secret = new_token()
    clients.add_secret(connection, client.id, hash_token(secret), services.clock())
    return secret


def save(services: Services, author: str, client: Client, values: dict[str, Any]) -> Done | Refused:
    settings, problems = checked(services, client.kind, values)
    if settings is None:
        return Refused("invalid", values=dict(problems))
    after = Client(client.id, client.kind, settings, client.created_at)
    old, new = write_client(client.settings), write_client(settings)
    changed = sorted(name for name in new if new[name] != old.get(name))
    if not changed:
        return Done()
    try:
        with services.database.write() as connection:
            if not clients.save(connection, after):
                return Refused(NO_CLIENT)
            _protect(connection, after)
            _note(services, connection, author, "client.saved", after, changed=changed)
    except TakenError as error:
        return _taken(error)
    return Done()


def rotate_secret(services: Services, author: str, client: Client) -> Created | Refused:
    with services.database.write() as connection:
        secret = _new_secret(services, connection, client)
        if not secret:
            return Refused("no_secret")
        _note(services, connection, author, "client.secret_rotated", client)
    return Created(client.id, secret)


def forget_old_secret(services: Services, author: str, client: Client) -> None:
    if not client.secrets:
        return
    with services.database.write() as connection:
        clients.forget_other_secrets(connection, client.id, client.secrets[0][0])
        _note(services, connection, author, "client.old_secret_removed", client)


def delete(services: Services, author: str, client: Client, confirmation: str) -> Done | Refused:
    if confirmation.strip() != client.settings.name:
        wanted = Problem(N_("Type %(name)s to delete it."), {"name": client.settings.name})
        return Refused("invalid", values={"confirm": wanted})
    with services.database.write() as connection:
        if clients.delete(connection, client.id):
            _note(services, connection, author, "client.deleted", client)
    return Done()


def button_colours(services: Services, client_id: str) -> tuple[tuple[str, str], tuple[str, str]] | None:
    """Its buttons and the text on them: by day, and in the dark."""
    client = find(services, client_id)
    if client is None or not client.settings.colour:
        return None
    day, dark = client.settings.colour, colours.in_the_dark(client.settings.colour)
    return (day, colours.text_on(day)), (dark, colours.text_on(dark))


def home_of(client: Client) -> str:
    """Where the application begins, as far as we know: its first page, or else the site that people come back to."""
    sites = (redirects.origin_of(uri) for uri in client.redirect_uris)
    return client.settings.home_url or next((f"{site}/" for site in sites if site), "")


def check_redirect(client: Client, uri: str) -> RedirectAnswer:
    registered = client.redirect_uris
    if redirects.matches(registered, uri, client.kind):
        return RedirectAnswer(True, uri, [])
    nearest, found = redirects.differences(registered, uri)
    return RedirectAnswer(False, nearest, found, redirects.same_beginning(nearest, uri))


def has_all_of(own: frozenset[str], wanted: Any) -> bool:
    """Whether a program with its ``own`` scopes of the Management API may see to an application with the ``wanted``
    ones: else it would help itself to more, by a new application or by the secret of another."""
    return not wanted or (isinstance(wanted, list | tuple) and set(map(str, wanted)) <= own)


def origins(client: Client) -> set[str]:
    return {origin for uri in client.settings.redirect_uris if (origin := redirects.origin_of(uri))}


def calling_sites(services: Services) -> frozenset[str]:
    return frozenset().union(*(origins(client) for client in list_all(services) if client.settings.account_api))


def _note(
    services: Services, connection: Connection, author: str, action: str, client: Client, **details: object
) -> None:
    about = {"name": client.settings.name, "client": client.id} | details
    audit.add(connection, Entry(services.clock(), author, action, about))
