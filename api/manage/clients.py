"""The applications that people sign in to, and the machines."""

from __future__ import annotations

from functools import partial
from typing import Any

from api.contract import Call
from api.manage.frame import api
from api.schema import Schema, anything, id_of, moment, obj, one_of, or_null, page_of, text, utc, whole
from flows import clients as flow
from flows.outcomes import Refused
from oidc import bearer
from settings.clients import FIELDS, ClientKind, write_client
from settings.fields import schema

KIND = one_of(*(kind.value for kind in ClientKind))
SETTINGS: Schema = anything("As GET /clients/schema has it")
CLIENT = obj(
    "*",
    id=id_of("Its client_id"),
    kind=KIND,
    created_at=moment(),
    secrets=whole(about="How many are good"),
    settings=SETTINGS,
)
CREATED = obj("*", id=id_of("Its client_id"), secret=or_null(text("Told now and never again", most=100)))
operation = partial(api.operation, scope="clients")


def _shown(client: Any) -> dict[str, object]:
    return {
        "id": client.id,
        "kind": client.kind.value,
        "created_at": utc(client.created_at),
        "secrets": len(client.secrets),
        "settings": write_client(client.settings),
    }


def _own(call: Call) -> frozenset[str]:
    return bearer.scopes(call.access)


def _weaker(call: Call) -> Any:
    """The client of the path, if the program has all that it may do itself; else why not."""
    client = flow.find(call.services, call.names["id"])
    if client is None:
        return Refused("not_found")
    return client if flow.has_all_of(_own(call), client.settings.manage) else Refused("more_than_own")


@operation("GET", "/clients", "List the applications", gives=page_of(CLIENT))
def list_clients(call: Call) -> object:
    return {"items": [_shown(each) for each in flow.list_all(call.services)], "next": None}


@operation("GET", "/clients/schema", "The JSON Schema of an application's settings", gives=anything())
def read_client_schema(call: Call) -> object:
    return schema(FIELDS)


@operation(
    "POST",
    "/clients",
    "Add an application",
    takes=obj("kind settings", kind=KIND, settings=SETTINGS),
    gives=CREATED,
    status=201,
    example={"kind": "web", "settings": {"name": "Shop", "redirect_uris": ["https://shop.example.com/callback"]}},
)
def create_client(call: Call) -> object:
    if not flow.has_all_of(_own(call), call.body["settings"].get("manage")):
        return Refused("more_than_own")
    return _created(flow.create(call.services, call.author, call.body["kind"], call.body["settings"]))


def _created(outcome: object) -> object:
    if isinstance(outcome, flow.Created):
        return {"id": outcome.client_id, "secret": outcome.secret or None}
    return outcome


@operation("GET", "/clients/{id}", "Read an application", gives=CLIENT)
def read_client(call: Call) -> object:
    client = flow.find(call.services, call.names["id"])
    return _shown(client) if client else Refused("not_found")


@operation(
    "PUT",
    "/clients/{id}",
    "Replace an application's settings",
    takes=obj("settings", settings=SETTINGS),
    gives=CLIENT,
    example={"settings": {"name": "Shop", "redirect_uris": ["https://shop.example.com/callback"]}},
)
def save_client(call: Call) -> object:
    client, settings = _weaker(call), dict(call.body["settings"])
    if isinstance(client, Refused):
        return client
    if not flow.has_all_of(_own(call), settings.get("manage")):
        return Refused("more_than_own")
    saved = flow.save(call.services, call.author, client, settings)
    return saved if isinstance(saved, Refused) else read_client(call)


@operation("POST", "/clients/{id}/secrets", "Make another secret; the one before stays good", gives=CREATED, status=201)
def rotate_client_secret(call: Call) -> object:
    client = _weaker(call)
    if isinstance(client, Refused):
        return client
    return _created(flow.rotate_secret(call.services, call.author, client))


@operation("POST", "/clients/{id}/end-old-secret", "Only the newest secret stays good")
def end_old_client_secret(call: Call) -> object:
    client = _weaker(call)
    return client if isinstance(client, Refused) else flow.forget_old_secret(call.services, call.author, client)


@operation("DELETE", "/clients/{id}", "Delete an application, and all that it was granted")
def delete_client(call: Call) -> object:
    client = _weaker(call)
    if isinstance(client, Refused):
        return client
    return flow.delete(call.services, call.author, client, client.settings.name)
