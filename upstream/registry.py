"""Every provider of identities by its name: the modules of this package. To add one, add a file here."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import upstream as package
from settings.fields import Field, Problem
from settings.upstreams import COMMON
from upstream.contract import Endpoints, Identity, of_claims

NOT_PROVIDERS = {"contract", "protocol", "registry"}
GUIDES = Path(__file__).parent.parent / "docs" / "upstream"


@dataclass(frozen=True)
class Provider:
    """``issuer`` is None for one that speaks OAuth 2 only, ``endpoints`` for one that speaks OpenID Connect."""

    name: str
    title: str
    summary: str
    button: str
    fields: tuple[Field, ...]
    check: Callable[[Mapping[str, Any]], dict[str, Problem]]
    scope: str
    issuer: Callable[[Mapping[str, Any]], str] | None
    endpoints: Callable[[Mapping[str, Any]], Endpoints] | None
    read: Callable[[Mapping[str, Any], Any], Identity | None]
    own_issuer: Callable[[Mapping[str, Any], Mapping[str, Any]], str] | None
    client_secret: Callable[[Mapping[str, Any], float], str]
    asked: Mapping[str, str] = field(default_factory=dict)
    several: bool = False
    mark: str = ""

    def guide(self) -> str:
        """Markdown for admins: ``docs/upstream/<name>.md``."""
        path = GUIDES / f"{self.name}.md"
        return path.read_text() if path.is_file() else ""


@cache
def providers() -> Mapping[str, Provider]:
    """By name, in the order of their titles; those of any address last."""
    names = {module.name for module in pkgutil.iter_modules(package.__path__)} - NOT_PROVIDERS
    found = [provider_of(name, import_module(f"{package.__name__}.{name}")) for name in names]
    return MappingProxyType({each.name: each for each in sorted(found, key=lambda each: (each.several, each.title))})


def provider_of(name: str, module: ModuleType) -> Provider:
    """What a module declares, with what it leaves out filled in."""
    return Provider(
        name=name,
        title=module.TITLE,
        summary=module.SUMMARY,
        button=module.BUTTON,
        fields=(*module.FIELDS, *COMMON),
        check=getattr(module, "check", _no_rule),
        scope=getattr(module, "SCOPE", "openid email"),
        issuer=getattr(module, "issuer", None),
        endpoints=getattr(module, "endpoints", None),
        read=getattr(module, "read", _of_claims),
        own_issuer=getattr(module, "own_issuer", None),
        client_secret=getattr(module, "client_secret", _kept_secret),
        asked=getattr(module, "ASKED", {}),
        several=getattr(module, "SEVERAL", False),
        mark=getattr(module, "MARK", ""),
    )


def _no_rule(_config: Mapping[str, Any]) -> dict[str, Problem]:
    return {}


def _of_claims(_config: Mapping[str, Any], claims: Any) -> Identity | None:
    return of_claims(claims)


def _kept_secret(config: Mapping[str, Any], _now: float) -> str:
    return str(config["client_secret"])
