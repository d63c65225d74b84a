"""Every provider of look-ups by its name: the modules of this package. To add one, add a file here."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import lookups as package
from connectors.contract import Reply, Request
from lookups.contract import SWAPS, Found, Question
from settings.fields import Field, Problem

NOT_PROVIDERS = {"contract", "registry"}
GUIDES = Path(__file__).parent.parent / "docs" / "lookups"


@dataclass(frozen=True)
class Lookup:
    name: str
    title: str
    summary: str
    fields: tuple[Field, ...]
    check: Callable[[Mapping[str, Any]], dict[str, Problem]]
    build: Callable[[Mapping[str, Any], Question], Request]
    read: Callable[[Mapping[str, Any], Reply], Found]

    def guide(self) -> str:
        """Markdown for admins: ``docs/lookups/<name>.md``."""
        path = GUIDES / f"{self.name}.md"
        return path.read_text() if path.is_file() else ""


@cache
def lookups() -> Mapping[str, Lookup]:
    """By name, in the order of their titles."""
    names = {module.name for module in pkgutil.iter_modules(package.__path__)} - NOT_PROVIDERS
    found = [lookup_of(name, import_module(f"{package.__name__}.{name}")) for name in names]
    return MappingProxyType({each.name: each for each in sorted(found, key=lambda each: each.title)})


def lookup_of(name: str, module: ModuleType) -> Lookup:
    """What a module declares, with what it leaves out filled in."""
    swaps = (SWAPS,) if getattr(module, "SIM_SWAP", False) else ()
    return Lookup(
        name=name,
        title=module.TITLE,
        summary=module.SUMMARY,
        fields=(*module.FIELDS, *swaps),
        check=getattr(module, "check", _no_rule),
        build=module.build,
        read=module.read,
    )


def _no_rule(_config: Mapping[str, Any]) -> dict[str, Problem]:
    return {}
