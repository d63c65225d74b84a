"""Organisations and who belongs to them, as in the console."""

from __future__ import annotations

from functools import partial
from typing import Any

from api.contract import Answer, Call
from api.invitations import PLACE, ROLES
from api.manage.frame import api
from api.schema import Schema, anything, id_of, moment, obj, page_of, text, utc
from flows import acting, cursors
from flows import organizations as flow
from flows.outcomes import Refused
from settings.fields import schema
from settings.organizations import FIELDS, write_organization

SETTINGS: Schema = anything("As GET /organizations/schema has it")
ORGANIZATION = obj("*", id=id_of("Its organization_id"), created_at=moment(), settings=SETTINGS)
MEMBER = obj(
    "*",
    user=id_of("Of the account"),
    shown=text("The account's main identifier", most=320),
    roles=ROLES,
    joined_at=moment(),
)
operation = partial(api.operation, scope="organizations")


def shown(each: Any) -> dict[str, object]:
    return {"id": each.id, "created_at": utc(each.created_at), "settings": write_organization(each.settings)}


@operation("GET", "/organizations", "List the organisations", gives=page_of(ORGANIZATION))
def list_organizations(call: Call) -> object:
    return {"items": [shown(each) for each, _members in flow.list_all(call.services)], "next": None}


@operation("GET", "/organizations/schema", "The JSON Schema of an organisation's settings", gives=anything())
def read_organization_schema(call: Call) -> object:
    return schema(FIELDS)


@operation(
    "POST",
    "/organizations",
    "Add an organisation",
    takes=obj("settings", settings=SETTINGS),
    gives=ORGANIZATION,
    status=201,
    example={"settings": {"name": "Acme", "roles": ["member", "editor: articles:read articles:write"]}},
)
def create_organization(call: Call) -> object:
    made = flow.create(call.services, call.author, dict(call.body["settings"]))
    if isinstance(made, Refused):
        return made
    found = flow.find(call.services, made)
    return Answer(shown(found), {"Location": f"/api/manage/organizations/{made}"}) if found else Refused("not_found")


@operation("GET", "/organizations/{id}", "Read an organisation", gives=ORGANIZATION)
def read_organization(call: Call) -> object:
    found = flow.find(call.services, call.names["id"])
    return shown(found) if found else Refused("not_found")


@operation(
    "PUT",
    "/organizations/{id}",
    "Replace an organisation's settings",
    takes=obj("settings", settings=SETTINGS),
    gives=ORGANIZATION,
    example={"settings": {"name": "Acme", "second_factor": True}},
)
def save_organization(call: Call) -> object:
    found = flow.find(call.services, call.names["id"])
    if found is None:
        return Refused("not_found")
    saved = flow.save(call.services, call.author, found, dict(call.body["settings"]))
    return saved if isinstance(saved, Refused) else read_organization(call)


@operation("DELETE", "/organizations/{id}", "Delete an organisation; its members' accounts stay")
def delete_organization(call: Call) -> object:
    found = flow.find(call.services, call.names["id"])
    if found is None:
        return Refused("not_found")
    return flow.delete(call.services, call.author, found, found.settings.name)


@operation(
    "GET", "/organizations/{id}/members", "List its members, the newest first", query=PLACE, gives=page_of(MEMBER)
)
def list_members(call: Call) -> object:
    found, cursor = flow.find(call.services, call.names["id"]), call.query.get("cursor", "")
    place = cursors.read(cursor) if cursor else (float("inf"), "")
    if found is None or place is None:
        return Refused("not_found" if found is None else "bad_query")
    admin = acting.admin_of(call.access.client)
    listed, last = flow.list_members(call.services, admin, found, place[0], before_id=place[1])
    items = [
        {"user": each.account_id, "shown": each.shown, "roles": list(each.roles), "joined_at": utc(each.joined_at)}
        for each in listed
    ]
    return {"items": items, "next": cursors.write(last.joined_at, last.account_id) if last else None}


@operation(
    "POST",
    "/organizations/{id}/members",
    "Add an account as a member, without an invitation",
    takes=obj("user", user=text("Any identifier of the account, or its id", most=320), roles=ROLES),
    gives=obj("*", user=id_of("Of the account")),
    status=201,
    example={"user": "+33612345678", "roles": ["member"]},
)
def add_member(call: Call) -> object:
    found = flow.find(call.services, call.names["id"])
    if found is None:
        return Refused("not_found")
    admin = acting.admin_of(call.access.client)
    added = flow.add_member(call.services, admin, found, call.body["user"], call.body.get("roles", []))
    return added if isinstance(added, Refused) else {"user": added}


@operation(
    "PUT",
    "/organizations/{id}/members/{user}/roles",
    "Give a member other roles; it bites at once",
    takes=obj("roles", roles=ROLES),
    example={"roles": ["editor"]},
)
def set_member_roles(call: Call) -> object:
    found = flow.find(call.services, call.names["id"])
    if found is None:
        return Refused("not_found")
    return flow.set_roles(call.services, call.author, found, call.names["user"], call.body["roles"])


@operation("DELETE", "/organizations/{id}/members/{user}", "Take a member out; what was granted for it ends")
def remove_member(call: Call) -> object:
    found = flow.find(call.services, call.names["id"])
    if found is None:
        return Refused("not_found")
    return flow.remove_member(call.services, call.author, found, call.names["user"])
