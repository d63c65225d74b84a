"""Every connector by its name: the modules of this package. To add a connector, add a file."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any

import connectors as package
from connectors.contract import Answer, Message, Reply, Request
from settings.fields import Field, Problem

NOT_CONNECTORS = {"contract", "filling", "registry"}


@dataclass(frozen=True)
class Connector:
    """One provider. ``name`` is its module's; ``production`` False where it must not be used with real people."""

    name: str
    title: str
    summary: str
    fields: tuple[Field, ...]
    build: Callable[[Mapping[str, Any], Message], Request]
    read: Callable[[Mapping[str, Any], Reply], Answer]
    check: Callable[[Mapping[str, Any]], dict[str, Problem]]
    production: bool


@cache
def connectors() -> Mapping[str, Connector]:
    """By name, in the order of their titles. Imported at the first call."""
    names = {module.name for module in pkgutil.iter_modules(package.__path__)} - NOT_CONNECTORS
    found = [_connector(name, import_module(f"{package.__name__}.{name}")) for name in names]
    return MappingProxyType({connector.name: connector for connector in sorted(found, key=lambda each: each.title)})


def _connector(name: str, module: ModuleType) -> Connector:
    return Connector(
        name=name,
        title=module.TITLE,
        summary=module.SUMMARY,
        fields=module.FIELDS,
        build=module.build,
        read=module.read,
        check=getattr(module, "check", _no_rule),
        production=getattr(module, "PRODUCTION", True),
    )


def _no_rule(_config: Mapping[str, Any]) -> dict[str, Problem]:
    return {}
