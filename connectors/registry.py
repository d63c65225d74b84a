"""Every connector by its name: the modules of this package, and those that other packages bring.

To add a connector, add a file here; or, in a package of your own, name your module in the entry point group
``doorcode.connectors``: the entry point's name is the connector's. docs/adding_a_connector.md goes through both.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import connectors as package
from connectors.contract import SMS, Answer, Message, Reply, Request
from connectors.receipts import Notice, Receipt
from settings.fields import Field, Problem

NOT_CONNECTORS = {"contract", "filling", "provider_templates", "receipts", "registry", "testkit", "tokens"}
ENTRY_POINTS = "doorcode.connectors"
GUIDES = Path(__file__).parent.parent / "docs" / "connectors"


@dataclass(frozen=True)
class Connector:
    """One provider. ``name`` is its module's; ``production`` False where it must not be used with real people.

    ``receive`` is None where the provider reports nothing. ``handshake`` is for one that asks whether the receipt
    address is ours: the plain text to answer, or None.
    """

    name: str
    title: str
    summary: str
    fields: tuple[Field, ...]
    build: Callable[[Mapping[str, Any], Message], Request]
    read: Callable[[Mapping[str, Any], Reply], Answer]
    check: Callable[[Mapping[str, Any]], dict[str, Problem]]
    production: bool
    receive: Callable[[Mapping[str, Any], Notice], list[Receipt] | None] | None
    receipt_reply: bytes
    handshake: Callable[[Mapping[str, Any], Notice], bytes | None] | None
    channels: tuple[str, ...]
    folder: Path

    @property
    def reports(self) -> bool:
        """Whether it reads what its provider reports."""
        return self.receive is not None

    def guide(self) -> str:
        """Markdown for admins: ``docs/connectors/<name>.md``, or of another package's the file beside its module."""
        for folder in (GUIDES, self.folder):
            if (path := folder / f"{self.name}.md").is_file():
                return path.read_text()
        return ""


@cache
def connectors() -> Mapping[str, Connector]:
    """By name, in the order of their titles. Imported at the first call."""
    names = {module.name for module in pkgutil.iter_modules(package.__path__)} - NOT_CONNECTORS
    found = [connector_of(name, import_module(f"{package.__name__}.{name}")) for name in names]
    found += [
        connector_of(each.name, each.load()) for each in entry_points(group=ENTRY_POINTS) if each.name not in names
    ]
    return MappingProxyType({connector.name: connector for connector in sorted(found, key=lambda each: each.title)})


def connector_of(name: str, module: ModuleType) -> Connector:
    """What a module declares, with what it leaves out filled in."""
    return Connector(
        name=name,
        title=module.TITLE,
        summary=module.SUMMARY,
        fields=module.FIELDS,
        build=module.build,
        read=module.read,
        check=getattr(module, "check", _no_rule),
        production=getattr(module, "PRODUCTION", True),
        receive=getattr(module, "receive", None),
        receipt_reply=getattr(module, "RECEIPT_REPLY", b""),
        handshake=getattr(module, "handshake", None),
        channels=getattr(module, "CHANNELS", (SMS,)),
        folder=Path(module.__file__ or "").parent,
    )


def _no_rule(_config: Mapping[str, Any]) -> dict[str, Problem]:
    return {}
