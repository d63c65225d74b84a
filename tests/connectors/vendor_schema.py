"""Checks a request against a vendor's OpenAPI document: address, path parameters, content type and form."""

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
    (media_type, content) = next(iter(operation["requestBody"]["content"].items()))
    assert request.headers["Content-Type"] == media_type
    for parameter in operation["parameters"]:
        Draft202012Validator(parameter["schema"]).validate(path[parameter["name"]])
    # A name that the vendor does not know is most likely misspelt; the vendor would ignore it without a word.
    schema = content["schema"] | {"additionalProperties": False}
    Draft202012Validator(schema).validate(_form(request.body, schema["properties"]))


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
