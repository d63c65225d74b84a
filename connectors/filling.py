"""Puts a message's values into an admin's template, as data: no value can break JSON, a form or an address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from connectors.contract import Message
from settings.templates import PLACE, fill

NAMES = frozenset(("to", "to_digits", "text", "code", "usage", "locale", "application", "minutes", "id"))


def values(message: Message) -> dict[str, str]:
    return {
        "to": message.to,
        "to_digits": message.digits,
        "text": message.text,
        "code": message.code,
        "usage": message.usage,
        "locale": message.locale,
        "application": message.application,
        "minutes": str(message.minutes),
        "id": message.id,
    }


def names(template: str) -> set[str]:
    """The names between braces, known or not."""
    return set(PLACE.findall(template))


def fill_json(template: str, values: Mapping[str, str]) -> bytes:
    """Parsed first, filled inside its strings. Raises ValueError where the template is no JSON."""
    return json.dumps(_filled(json.loads(template), values)).encode()


def _filled(part: Any, values: Mapping[str, str]) -> Any:
    if isinstance(part, str):
        return fill(part, values)
    if isinstance(part, list):
        return [_filled(item, values) for item in part]
    if isinstance(part, dict):
        return {fill(name, values): _filled(item, values) for name, item in part.items()}
    return part


def fill_form(template: str, values: Mapping[str, str]) -> bytes:
    """``name=value`` a line. Raises ValueError where a line has no equals sign."""
    pairs = [line.strip().split("=", 1) for line in template.splitlines() if line.strip()]
    return urlencode([(fill(name, values), fill(value, values)) for name, value in pairs]).encode()


def fill_url(template: str, values: Mapping[str, str]) -> str:
    return fill(template, {name: quote(value, safe="") for name, value in values.items()})
