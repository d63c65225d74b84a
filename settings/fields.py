"""A setting declares itself once: name, kind, default, limits, help.

From the same declaration come the console's form, the check of what is typed, and the published JSON schema.
Labels and sentences are English source texts, marked with ``N_`` for the translators; pages translate them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


def N_(text: str) -> str:
    """Mark a source text for translation where no request is there to translate it for."""
    return text


class Kind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    SWITCH = "switch"
    CHOICE = "choice"
    LIST = "list"  # of texts; typed one a line, or ticked where there are choices
    URL = "url"
    JSON = "json"  # a list or an object; typed as JSON


@dataclass(frozen=True)
class Problem:
    """Why a value was refused. ``text`` is a source sentence with ``%(name)s`` places for ``values``."""

    text: str
    values: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        return self.text % self.values if self.values else self.text


@dataclass(frozen=True)
class Field:
    """One setting. ``pattern`` must match the whole text; ``hint`` says in words what it asks for."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    default: Any = ""
    help: str = ""
    required: bool = False
    secret: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[tuple[str, str], ...] = ()
    pattern: str = ""
    hint: str = ""

    def clean(self, value: Any) -> Any:
        """The value in its own type. Raises :class:`FieldError` with a :class:`Problem`."""
        if value is TYPE_AGAIN:
            raise FieldError(Problem(N_("The address has changed: type this once more.")))
        if isinstance(value, str):
            value = value.strip()
        if value in (None, "", [], ()):
            if self.required:
                raise FieldError(Problem(N_("Fill this in.")))
            return self.default if self.kind in (Kind.NUMBER, Kind.MONEY, Kind.SWITCH, Kind.CHOICE) else self._empty()
        return CLEANERS[self.kind](self, value)

    def _empty(self) -> Any:
        return {Kind.LIST: (), Kind.JSON: []}.get(self.kind, "")


class FieldError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


TYPE_AGAIN = object()  # in the place of a secret: see kept_secrets
UNTYPED = Problem(N_("This has a character that cannot be typed. Type it again."))


def is_typed(text: str, *, lines: bool = False) -> bool:
    """No control character but those between ``lines``, and no half of a character, which nothing can show or send."""
    return not any((ord(c) < 32 and not (lines and c in "\r\n\t")) or "\ud800" <= c <= "\udfff" for c in text)


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise FieldError(Problem(N_("This must be text.")))
    limit = int(field.maximum or (10_000 if field.kind is Kind.LONG_TEXT else 500))
    if len(value) > limit:
        raise FieldError(Problem(N_("Use at most %(limit)s characters."), {"limit": limit}))
    if not is_typed(value, lines=field.kind is Kind.LONG_TEXT):
        raise FieldError(UNTYPED)
    if field.pattern and not re.fullmatch(field.pattern, value):
        raise FieldError(Problem(field.hint or N_("This does not have the right form.")))
    return value


def _url(field: Field, value: Any) -> str:
    text = _text(field, value)
    if not re.fullmatch(r"https?://[^\s/?#@]+([/?#]\S*)?", text):
        raise FieldError(Problem(N_("Type a whole address, such as https://api.example.com/send.")))
    return text


def _number(field: Field, value: Any) -> int | float:
    whole = field.kind is Kind.NUMBER
    try:
        if isinstance(value, bool):
            raise ValueError
        number = int(value) if whole else float(value)
        if whole and isinstance(value, float) and value != number:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise FieldError(
            Problem(N_("Type a whole number.") if whole else N_("Type an amount, such as 0.05."))
        ) from None
    low, high = field.minimum, field.maximum
    if not (low if low is not None else float("-inf")) <= number <= (high if high is not None else float("inf")):
        raise FieldError(Problem(N_("Choose a number from %(low)s to %(high)s."), {"low": low, "high": high}))
    return number


SPELLED_SWITCHES = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}


def _switch(_field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in SPELLED_SWITCHES:
        return SPELLED_SWITCHES[value.lower()]
    raise FieldError(Problem(N_("This is either on or off.")))


def _choice(field: Field, value: Any) -> str:
    if value not in [name for name, _label in field.choices]:
        raise FieldError(Problem(N_("Choose one of the list.")))
    return str(value)


def _list(field: Field, value: Any) -> tuple[str, ...]:
    items = value.split("\n") if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise FieldError(Problem(N_("This must be a list.")))
    cleaned = [item.strip() if isinstance(item, str) else item for item in items]
    for item in cleaned:
        if field.choices and item and item not in [name for name, _label in field.choices]:
            raise FieldError(Problem(N_("Choose one of the list.")))
        if not isinstance(item, str) or (field.pattern and item and not re.fullmatch(field.pattern, item)):
            raise FieldError(Problem(field.hint or N_("An entry of this list does not have the right form.")))
        if not is_typed(item):
            raise FieldError(UNTYPED)
    return tuple(dict.fromkeys(item for item in cleaned if item))


def _json(field: Field, value: Any) -> Any:
    if isinstance(value, str):
        if len(value) > (field.maximum or 20_000):
            raise FieldError(Problem(N_("This is too long.")))
        value = read_json(value)
    if not isinstance(value, list | dict):
        raise FieldError(Problem(N_("Write a list [...] or an object {...}.")))
    if not is_typed(json.dumps(value, ensure_ascii=False)):
        raise FieldError(UNTYPED)
    return value


def read_json(text: str) -> Any:
    """Typed JSON. Raises :class:`FieldError`, which says where it is wrong."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise FieldError(Problem(N_("This is not JSON: look at line %(line)s, character %(column)s."), where)) from None
    except (ValueError, RecursionError):  # a number of thousands of digits; as many opening brackets
        raise FieldError(Problem(N_("This is too long."))) from None


CLEANERS = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.URL: _url,
    Kind.NUMBER: _number,
    Kind.MONEY: _number,
    Kind.SWITCH: _switch,
    Kind.CHOICE: _choice,
    Kind.LIST: _list,
    Kind.JSON: _json,
}


def kept_secrets(fields: tuple[Field, ...], saved: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The saved secrets that are not given anew. TYPE_AGAIN in place of each where they would go to another address:
    who may change that must not come by them so."""
    left_out = [field.name for field in fields if field.secret and saved.get(field.name) and not given.get(field.name)]
    addresses = [field for field in fields if field.kind is Kind.URL or (field.name, field.kind) == ("host", Kind.TEXT)]
    stay = all(_host(field, saved) == _host(field, given) for field in addresses)
    return {name: saved[name] if stay else TYPE_AGAIN for name in left_out}


def _host(field: Field, values: Mapping[str, Any]) -> str:
    """With its scheme and port, of a URL."""
    text = str(values.get(field.name) or field.default).strip()
    return "/".join(text.split("/", 3)[:3]) if field.kind is Kind.URL else text


def clean(fields: tuple[Field, ...], values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Problem]]:
    """Check ``values`` against ``fields``: what is right in its own type, and a problem a wrong name."""
    cleaned: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for field in fields:
        try:
            cleaned[field.name] = field.clean(values.get(field.name))
        except FieldError as error:
            problems[field.name] = error.problem
    for name in values.keys() - {field.name for field in fields}:
        problems[name] = Problem(N_("There is no setting of this name."))
    return cleaned, problems


def read_group(fields: tuple[Field, ...], values: Any, path: str) -> tuple[dict[str, Any], dict[str, Problem]]:
    """A section of a document: what is missing has its default, and problems are named by their path."""
    if not isinstance(values, dict):
        return {}, {path: Problem(N_("This section must be a JSON object."))}
    defaults = {field.name: field.default for field in fields}
    cleaned, problems = clean(fields, defaults | values)
    return cleaned, {f"{path}.{name}": problem for name, problem in problems.items()}


JSON_TYPES: dict[Kind, dict[str, Any]] = {
    Kind.NUMBER: {"type": "integer"},
    Kind.MONEY: {"type": "number"},
    Kind.SWITCH: {"type": "boolean"},
    Kind.LIST: {"type": "array", "items": {"type": "string"}},
    Kind.JSON: {"type": ["array", "object"]},
}


def schema(fields: tuple[Field, ...]) -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of one group of settings."""
    properties = {}
    for field in fields:
        entry = {**JSON_TYPES.get(field.kind, {"type": "string"}), "title": field.label}
        if field.help:
            entry["description"] = field.help
        if field.choices:
            names = [name for name, _label in field.choices]
            entry |= {"items": {"type": "string", "enum": names}} if field.kind is Kind.LIST else {"enum": names}
        for key, bound in (("minimum", field.minimum), ("maximum", field.maximum)):
            if bound is not None and field.kind in (Kind.NUMBER, Kind.MONEY):
                entry[key] = bound
        if field.secret:
            entry["writeOnly"] = True
        elif not field.required:
            entry["default"] = field.default if field.default != "" else field._empty()
        properties[field.name] = entry
    return {"type": "object", "properties": properties, "additionalProperties": False}
