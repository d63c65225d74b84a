"""How a section of the console's settings declares what it holds: a line a setting."""

from __future__ import annotations

from dataclasses import field as dataclass_field
from typing import Any

from settings.fields import Kind


def setting(label: str, kind: Kind, default: Any, help: str = "", **limits: Any) -> Any:  # noqa: A002 - the field's name
    return dataclass_field(default=default, metadata={"label": label, "kind": kind, "help": help, **limits})


def number(label: str, default: int, low: int, high: int, help: str = "") -> Any:  # noqa: A002 - the field's name
    return setting(label, Kind.NUMBER, default, help, minimum=low, maximum=high)


def switch(label: str, default: bool, help: str = "") -> Any:  # noqa: A002 - the field's name
    return setting(label, Kind.SWITCH, default, help)


def choice(label: str, default: str, choices: tuple[tuple[str, str], ...], help: str = "") -> Any:  # noqa: A002
    return setting(label, Kind.CHOICE, default, help, choices=choices)


def money(label: str, default: float, help: str = "") -> Any:  # noqa: A002 - the field's name
    return setting(label, Kind.MONEY, default, help, minimum=0, maximum=1_000_000)
