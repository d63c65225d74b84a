"""An API in OpenAPI 3.1, from what its operations declare."""

from __future__ import annotations

from typing import Any

from api import once, problems
from api.contract import Operation
from api.schema import ID_PATTERN

VERSION = "1.0.0"
# What any call may be answered, and more of those that change something.
ALWAYS = ("401", "403", "429", "503")
OF_CHANGES = ("409", "422")
PROBLEM = {"$ref": "#/components/responses/Problem"}


def document(api: Any, public_url: str) -> dict[str, Any]:
    """``api``: of api.frame."""
    paths: dict[str, Any] = {}
    for each in api.operations:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    scopes = dict(api.scopes)
    flow = {"tokenUrl": f"{public_url}/oauth/token", "scopes": scopes}
    by_person = {"authorizationCode": flow | {"authorizationUrl": f"{public_url}/oauth/authorize"}}
    flows = by_person if api.name == "account" else {"clientCredentials": flow}
    return {
        "openapi": "3.1.0",
        "info": {"title": api.title, "version": VERSION, "description": api.about},
        "servers": [{"url": public_url + api.audience}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "oauth2", "flows": flows}},
            "schemas": {"Problem": problems.SCHEMA},
            "responses": {
                "Problem": {
                    "description": "Why not (RFC 9457)",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
        },
    }


def _operation(each: Operation) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": each.name,
        "summary": each.summary,
        "security": [{"token": each.scope.split()}],
        "parameters": _parameters(each),
        "responses": {str(each.status): _success(each)} | dict.fromkeys(statuses(each), PROBLEM),
    }
    if each.about:
        made["description"] = each.about
    if each.takes:
        content: dict[str, Any] = {"schema": each.takes}
        if each.example is not None:
            content["example"] = each.example
        made["requestBody"] = {"required": True, "content": {"application/json": content}}
    return made


def statuses(each: Operation) -> list[str]:
    """Those of its problems."""
    found = {*ALWAYS, "400"}
    found |= {*OF_CHANGES} if each.changes else set()
    found |= {"413", "415"} if each.takes else set()
    found |= {"404"} if each.names else set()
    found |= {"412", "428"} if each.matched else set()
    return sorted(found | {*each.also})


def _success(each: Operation) -> dict[str, Any]:
    if each.gives is None:
        return {"description": "Done"}
    return {"description": "Done", "content": {"application/json": {"schema": each.gives}}}


def _parameters(each: Operation) -> list[dict[str, Any]]:
    found = [_parameter(name, "path", _of_path(name), required=True) for name in each.names]
    found += [_parameter(name, "query", schema) for name, schema in each.query.items()]
    if each.changes:
        key = {"type": "string", "pattern": f"^{once.KEY.pattern}$"}
        found.append(_parameter(once.HEADER, "header", key, about="The same call with the same key is done once"))
    if each.proof:
        verification = {"type": "string", "pattern": ID_PATTERN}
        about = "A verification that is proved, not longer than ten minutes ago"
        found.append(_parameter("Doorcode-Verification-Id", "header", verification, about=about))
    if each.matched:
        found.append(_parameter("If-Match", "header", {"type": "string"}, about="The ETag of what you read"))
    return found


def _of_path(name: str) -> dict[str, Any]:
    return {"type": "string", "pattern": ID_PATTERN if name.endswith("id") else "^[a-zA-Z0-9_.-]{1,60}$"}


def _parameter(
    name: str, place: str, schema: dict[str, Any], *, required: bool = False, about: str = ""
) -> dict[str, Any]:
    made = {"name": name, "in": place, "required": required, "schema": schema}
    return made | ({"description": about} if about else {})
