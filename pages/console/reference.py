"""The APIs, readable: a page each, from the same OpenAPI document that programs get. Their words are in English."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import Flask, abort, current_app, render_template

from pages.console.frame import bp
from pages.journey import Page

Documents = Mapping[str, Callable[[], dict[str, Any]]]


def prepare(app: Flask, documents: Documents) -> None:
    """``documents``: what makes the document of "account" and of "manage"."""
    app.extensions["doorcode_documents"] = documents


@bp.get("/api/<document_name>")
def api(document_name: str) -> Page:
    """``document_name``: account or manage."""
    make = current_app.extensions["doorcode_documents"].get(document_name)
    document = make() if make else abort(404)
    [flow] = document["components"]["securitySchemes"]["token"]["flows"].values()
    return render_template(
        "console/api.html",
        title=document["info"]["title"],
        about=[each.split("`") for each in document["info"]["description"].strip().split("\n\n")],
        base=document["servers"][0]["url"],
        scopes=flow["scopes"],
        groups=_groups(document),
    )


def _groups(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Operations by the first word of their path."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            shown = _shown(document, method.upper(), path, operation)
            found.setdefault(path.split("/")[1].replace("-", " "), []).append(shown)
    return found


def _shown(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    success = next(status for status in operation["responses"] if status < "300")
    answer = operation["responses"][success].get("content", {}).get("application/json", {})
    return {
        "id": operation["operationId"],
        "method": method,
        "path": path,
        "summary": operation["summary"],
        "about": operation.get("description", ""),
        "scopes": operation["security"][0]["token"],
        "parameters": [(each["name"], each["in"], each.get("description", "")) for each in operation["parameters"]],
        "takes": list(_fields(content.get("schema", {}))),
        "gives": list(_fields(answer.get("schema", {}))),
        "status": success,
        "problems": sorted(status for status in operation["responses"] if status >= "300"),
        "example": _example(document["servers"][0]["url"], method, path, operation, content.get("example")),
    }


def _fields(schema: dict[str, Any], before: str = "") -> Iterator[tuple[str, str, str]]:
    """(name, type, what it is) of each; what is within another stands after its name and a dot."""
    for name, each in schema.get("properties", {}).items():
        kind = each["type"] if isinstance(each["type"], str) else " or ".join(each["type"])
        words = each.get("description", "")
        if "enum" in each:
            kind = ", ".join(str(value) for value in each["enum"] if value is not None)
        yield f"{before}{name}", kind, words
        within = each.get("items", each)
        yield from _fields(within, f"{before}{name}{'[]' if 'items' in each else ''}.")


def _example(base: str, method: str, path: str, operation: dict[str, Any], body: Any) -> str:
    words = [f"curl -X {method} {base}{path}", "-H 'Authorization: Bearer TOKEN'"]
    words += [
        f"-H '{each['name']}: {'ID' if each['name'].startswith('Doorcode') else 'ETAG'}'"
        for each in operation["parameters"]
        if each["in"] == "header" and each["name"] != "Idempotency-Key"
    ]
    if body is not None:
        words += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(body, ensure_ascii=False)}'"]
    return " \\\n  ".join(words)
