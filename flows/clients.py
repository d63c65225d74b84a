"""The applications that people sign in to by Doorcode.

list_all            all of them
find                one
create              a new one, with its secret, which is shown once      -> created | refused, with a problem a field
save                other settings                                       -> done | refused, with a problem a field
rotate_secret       another secret beside the one before                 -> created | refused
forget_old_secret   only the newest stays good
delete              it, and all that it was granted, once its name is typed
colours             of its buttons and of the text on them
check_redirect      is this one of its redirect addresses, and if not why not?
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from flows.outcomes import Done, Refused
from flows.services import Services
from rules import redirects
from rules.colours import text_on
from rules.tokens import hash_token, is_id, new_id, new_token
from settings.clients import ClientKind, ClientSettings, read_client, write_client
from settings.fields import N_, Problem
from storage import audit, clients
from storage.audit import Entry
from storage.clients import Client
from storage.database import Connection

NO_CLIENT = "no_such_client"
RSA_BITS = 2048  # of an application's key, at least (RFC 7518, 3.3)


@dataclass(frozen=True)
class Created:
    """``secret`` is empty for an application that has none."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class RedirectAnswer:
    """``nearest``: of those that are registered; ``differences``: in words, from it."""

    right: bool
    nearest: str
    differences: list[Problem]


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
    settings, problems = _checked(ClientKind(kind), values)
    if settings is None:
        return Refused("invalid", values=dict(problems))
    client = Client(new_id(), ClientKind(kind), settings, services.clock())
    with services.database.write() as connection:
        clients.add(connection, client)
        secret = _new_secret(services, connection, client)
        _note(services, connection, author, "client.created", client)
    return Created(client.id, secret)


def _new_secret(services: Services, connection: Connection, client: Client) -> str:
    if client.public or client.settings.authentication != "secret":
        return ""
    secret = new_token()
    clients.add_secret(connection, client.id, hash_token(secret), services.clock())
    return secret


def save(services: Services, author: str, client: Client, values: dict[str, Any]) -> Done | Refused:
    settings, problems = _checked(client.kind, values)
    if settings is None:
        return Refused("invalid", values=dict(problems))
    after = Client(client.id, client.kind, settings, client.created_at)
    old, new = write_client(client.settings), write_client(settings)
    changed = sorted(name for name in new if new[name] != old.get(name))
    if not changed:
        return Done()
    with services.database.write() as connection:
        if not clients.save(connection, after):
            return Refused(NO_CLIENT)
        _note(services, connection, author, "client.saved", after, changed=changed)
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


def colours(services: Services, client_id: str) -> tuple[str, str] | None:
    """The colour of its buttons and of the text on them."""
    client = find(services, client_id)
    if client is None or not client.settings.colour:
        return None
    return client.settings.colour, text_on(client.settings.colour)


def check_redirect(client: Client, uri: str) -> RedirectAnswer:
    registered = client.settings.redirect_uris
    if redirects.matches(registered, uri, client.kind):
        return RedirectAnswer(True, uri, [])
    return RedirectAnswer(False, *redirects.differences(registered, uri))


def _note(
    services: Services, connection: Connection, author: str, action: str, client: Client, **details: object
) -> None:
    about = {"name": client.settings.name, "client": client.id} | details
    audit.add(connection, Entry(services.clock(), author, action, about))


def _checked(kind: ClientKind, values: dict[str, Any]) -> tuple[ClientSettings | None, dict[str, Problem]]:
    settings, problems = read_client(values)
    if settings is None:
        return None, problems
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        found = [problem for uri in getattr(settings, name) if (problem := redirects.problem_of(uri, kind))]
        if found:
            problems[name] = found[0]
    if kind in (ClientKind.WEB, ClientKind.SPA) and not settings.redirect_uris:
        problems["redirect_uris"] = Problem(N_("Write at least one."))
    problems |= _problem_of_address(settings) | _problem_of_keys(settings)
    return (None if problems else settings), problems


def _problem_of_address(settings: ClientSettings) -> dict[str, Problem]:
    uri = settings.backchannel_logout_uri
    problem = redirects.problem_of(uri, ClientKind.WEB) if uri else None
    return {"backchannel_logout_uri": problem} if problem else {}


def _problem_of_keys(settings: ClientSettings) -> dict[str, Problem]:
    if settings.authentication != "private_key_jwt":
        return {}
    if not settings.jwks:
        return {"jwks": Problem(N_("Fill this in."))}
    if not is_key_set(settings.jwks):
        return {"jwks": Problem(N_('This is not a set of public keys: {"keys": [...]}.'))}
    return {}


def is_key_set(jwks: Any) -> bool:
    """Whether they are public keys, of a kind that signs and none too short."""
    try:
        listed = jwks["keys"]
        public = all(key["kty"] in ("RSA", "EC", "OKP") and "d" not in key for key in listed)
        keys = KeySet.import_key_set({"keys": listed}).keys
        strong = all(key.raw_value.key_size >= RSA_BITS for key in keys if isinstance(key, RSAKey))
        return public and strong and bool(keys)
    except (JoseError, ValueError, KeyError, TypeError):
        return False
