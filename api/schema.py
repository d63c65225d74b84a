"""What bodies and answers hold, in JSON Schema (OpenAPI 3.1), and whether a body is so.

One declaration is the document that programs read and the check of what they send. Only the keywords that are made
here are checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

Schema = dict[str, Any]

LONGEST_TEXT = 4096
ID_PATTERN = "^[0-9a-f]{32}$"
TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def text(about: str = "", *, most: int = LONGEST_TEXT, **more: Any) -> Schema:
    return {"type": "string", "maxLength": most} | ({"description": about} if about else {}) | more


def one_of(*values: str, about: str = "") -> Schema:
    return {"type": "string", "enum": list(values)} | ({"description": about} if about else {})


def yes_or_no(about: str = "") -> Schema:
    return {"type": "boolean"} | ({"description": about} if about else {})


def whole(low: int = 0, high: int | None = None, about: str = "") -> Schema:
    limits = {"minimum": low} | ({} if high is None else {"maximum": high})
    return {"type": "integer"} | limits | ({"description": about} if about else {})


def id_of(about: str) -> Schema:
    return {"type": "string", "pattern": ID_PATTERN, "description": about}


def utc(seconds: float) -> str:
    """A time as both APIs write it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(about: str = "") -> Schema:
    """A time, in UTC."""
    return {"type": "string", "format": "date-time"} | ({"description": about} if about else {})


def array(of: Schema, most: int = 1000, about: str = "") -> Schema:
    return {"type": "array", "items": of, "maxItems": most} | ({"description": about} if about else {})


def anything(about: str = "") -> Schema:
    """An object whose names are not ours to say."""
    return {"type": "object"} | ({"description": about} if about else {})


def obj(required: str = "", about: str = "", **fields: Schema) -> Schema:
    """``required``: the names of what must be there, in one text; "*" for all."""
    names = list(fields) if required == "*" else required.split()
    made: Schema = {"type": "object", "properties": fields, "additionalProperties": False}
    return made | ({"required": names} if names else {}) | ({"description": about} if about else {})


def or_null(schema: Schema) -> Schema:
    return schema | {"type": [schema["type"], "null"]} | ({"enum": [*schema["enum"], None]} if "enum" in schema else {})


def page_of(item: Schema) -> Schema:
    """A list that comes a page at a time. ``next`` is the cursor of the next page."""
    return obj("*", items=array(item), next=or_null(text("Cursor of the next page; null on the last one", most=500)))


def faults(schema: Schema, value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """(JSON pointer, what is wrong there) of each fault."""
    types = schema.get("type", list(TYPES))
    names = [types] if isinstance(types, str) else types
    if not any(_is(value, name) for name in names):
        yield at, f"must be {' or '.join(names)}"
    elif "enum" in schema and value not in schema["enum"]:
        yield at, "must be one of " + ", ".join(json_word(each) for each in schema["enum"])
    elif isinstance(value, str):
        yield from _text_faults(schema, value, at)
    elif isinstance(value, dict):
        yield from _object_faults(schema, value, at)
    elif isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)):
            yield at, f"must have at most {schema['maxItems']} items"
        for place, each in enumerate(value):
            yield from faults(schema.get("items", {}), each, f"{at}/{place}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number_faults(schema, value, at)


def json_word(value: Any) -> str:
    return "null" if value is None else str(value)


def _is(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _number_faults(schema: Schema, value: float, at: str) -> Iterator[tuple[str, str]]:
    if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield at, f"must be from {schema.get('minimum', 'any')} to {schema.get('maximum', 'any')}"


def _text_faults(schema: Schema, value: str, at: str) -> Iterator[tuple[str, str]]:
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        yield at, "must be text, without NUL and unpaired surrogates"
    elif not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield at, f"must have from {schema.get('minLength', 0)} to {schema.get('maxLength', 'any')} characters"
    elif "pattern" in schema and not re.search(schema["pattern"], value):
        yield at, f"must match {schema['pattern']}"


def _object_faults(schema: Schema, value: dict[str, Any], at: str) -> Iterator[tuple[str, str]]:
    fields: dict[str, Schema] = schema.get("properties", {})
    if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", len(value)):
        yield at, f"must have {schema.get('minProperties', 0)} to {schema.get('maxProperties', 'any')} members"
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}/{name}", "is missing"
    for name, each in value.items():
        pointer = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in fields and schema.get("additionalProperties") is False:
            yield pointer[:200], "is not known"
        else:
            yield from faults(fields.get(name, {}), each, pointer)
