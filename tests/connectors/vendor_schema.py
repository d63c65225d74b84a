"""Checks a request against a vendor's OpenAPI document: address, path parameters, content type, form or JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator

from connectors.contract import Request

FOLDER = Path(__file__).parent / "openapi"
READ = {"integer": int, "number": float, "boolean": json.loads}


def document(name: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / name).read_text()))


def assert_valid(request: Request, document: dict[str, Any]) -> None:
    path, operation = _operation(request, document)
    for parameter in operation.get("parameters", ()):
        Draft202012Validator(parameter["schema"]).validate(path[parameter["name"]])
    media_type = request.headers["Content-Type"]
    schema = _resolved(operation["requestBody"]["content"][media_type]["schema"], document)
    is_json = media_type == "application/json"
    Draft202012Validator(schema).validate(
        json.loads(request.body) if is_json else _form(request.body, schema["properties"])
    )


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    # A name that the vendor does not know is most likely misspelt; the vendor would ignore it without a word.
    return schema | {"additionalProperties": False, "components": document.get("components")}


def _operation(request: Request, document: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    for template, methods in document["paths"].items():
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
        if found := re.fullmatch(pattern, urlsplit(request.url).path):
            return found.groupdict(), methods[request.method.lower()]
    raise AssertionError("no such path")


def _form(body: bytes, properties: dict[str, Any]) -> dict[str, Any]:
    pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    assert len(pairs) == len(dict(pairs)), "a parameter twice"
    return {name: READ.get(properties.get(name, {}).get("type"), str)(value) for name, value in pairs}
