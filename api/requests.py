"""The path, the query and the body of a call, as its operation declares them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from api.schema import ID_PATTERN, Schema, faults

WORD = re.compile(r"[a-zA-Z0-9_.-]{1,60}")
MOST_FAULTS = 20


class BadRequestError(Exception):
    """``reason``: of api.problems; ``faults``: as its schema has them."""

    def __init__(self, reason: str, detail: str = "", wrong: list[tuple[str, str]] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.faults = [{"pointer": at, "detail": what} for at, what in (wrong or [])[:MOST_FAULTS]]


def read_names(names: Mapping[str, str]) -> Mapping[str, str]:
    """What stands in the path. ``id`` is 32 hexadecimal digits: whatever else is nothing of ours."""
    for name, value in names.items():
        if not (re.fullmatch(ID_PATTERN, value) if name.endswith("id") else WORD.fullmatch(value)):
            raise BadRequestError("not_found")
    return names


def read_query(declared: Mapping[str, Schema]) -> Mapping[str, Any]:
    """Each parameter once; one that is not declared is refused, for it would be thought to have worked."""
    found: dict[str, Any] = {}
    for name, values in request.args.lists():
        if name not in declared or len(values) > 1:
            raise BadRequestError("bad_query", f"{name[:60]!r} is not known, or came twice")
        value: Any = values[0]
        if declared[name]["type"] == "integer" and re.fullmatch(r"[0-9]{1,9}", value, re.ASCII):
            value = int(value)
        for _at, what in faults(declared[name], value):
            raise BadRequestError("bad_query", f"{name} {what}")
        found[name] = value
    return found


def read_body(declared: Schema) -> Mapping[str, Any]:
    if request.mimetype != "application/json":
        raise BadRequestError("not_accepted")
    try:
        body = json.loads(request.get_data(), parse_constant=_refuse)
    except RequestEntityTooLarge:
        raise BadRequestError("too_long") from None
    except (ValueError, RecursionError):
        raise BadRequestError("not_json") from None
    if wrong := list(faults(declared, body)):
        raise BadRequestError("invalid", wrong=wrong)
    checked: Mapping[str, Any] = body
    return checked


def _refuse(constant: str) -> None:
    """NaN and its like are not JSON."""
    raise ValueError(constant)
