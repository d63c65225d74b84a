"""An operation of an API, declared once: the route, what it needs, what it takes and gives, and its documentation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.schema import Schema
from flows import acting
from flows.services import Services, Visitor

METHODS_THAT_CHANGE = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Call:
    """A call that may be answered. ``session``: the person's, None for a machine; ``names``: those in the path."""

    services: Services
    access: Any
    visitor: Visitor
    session: Any
    names: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    if_match: str = ""

    @property
    def author(self) -> str:
        """Who did it, for the audit log."""
        return acting.author(self.access.client)


@dataclass(frozen=True)
class Answer:
    """What a view gives where it is more than a body. ``kind``: what a refusal's code goes to, phone or email."""

    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "phone"


View = Callable[[Call], Any]


@dataclass(frozen=True)
class Operation:
    """``path`` is below the API's, with names in braces; ``takes`` and ``gives`` are schemas of bodies.

    ``scope``: all that it needs, between spaces; ``field``: of the account centre, off, read or edit; ``proof``: needs
    a fresh verification; ``matched``: needs If-Match; ``status``: of success; ``also``: statuses of problems beside the
    usual ones; ``example``: a body, for people.
    """

    method: str
    path: str
    name: str
    summary: str
    scope: str
    view: View
    gives: Schema | None = None
    takes: Schema | None = None
    query: Mapping[str, Schema] = field(default_factory=dict)
    status: int = 200
    field: str = ""
    proof: bool = False
    matched: bool = False
    also: tuple[str, ...] = ()
    about: str = ""
    example: Any = None

    @property
    def changes(self) -> bool:
        return self.method in METHODS_THAT_CHANGE

    @property
    def names(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)
