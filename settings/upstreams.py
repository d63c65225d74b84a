"""Other providers that people can sign in with, as settings: which have a button, and what each was given.

``{"offered": ["google", "openid-acme"], "configurations": {"google": {...}, "openid-acme": {...}}}``

A name is the provider's; where several of a kind can be set up, with a word of the admin's after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from settings.fields import N_, Field, Kind, Problem, read_group, schema

NAME = r"[a-z0-9]+(-[a-z0-9]{1,20})?"

# What is asked of every provider, after its own fields.
COMMON = (
    Field(
        "new_people",
        N_("New people can come this way"),
        Kind.SWITCH,
        default=True,
        help=N_("Off: only accounts that are linked to it already. Where sign-up is off, nobody new comes anyway."),
    ),
    Field(
        "separate",
        N_("A separate account can be made"),
        Kind.SWITCH,
        default=False,
        help=N_("Also where the address that it tells belongs to an account here."),
    ),
    Field(
        "trusted",
        N_("Trust its word about addresses and numbers"),
        Kind.SWITCH,
        default=False,
        help=N_(
            "What it calls verified is then as good as a code of ours: accounts are linked without asking. "
            "Whoever runs it can open every account here. For a directory of your own."
        ),
    ),
)


@dataclass(frozen=True)
class Upstreams:
    """``offered``: those with a button, in its order. ``configurations`` keeps what was set up once."""

    offered: tuple[str, ...] = ()
    configurations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class UpstreamForm(Protocol):
    """What the settings, the flows and the console need to know of a provider."""

    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def button(self) -> str: ...
    @property
    def mark(self) -> str: ...
    @property
    def several(self) -> bool: ...
    @property
    def fields(self) -> tuple[Field, ...]: ...
    @property
    def check(self) -> Callable[[Mapping[str, Any]], dict[str, Problem]]: ...
    def guide(self) -> str: ...


def kind_of(name: str) -> str:
    """The provider's own name: openid of openid-acme."""
    return name.partition("-")[0]


def is_name(name: str, forms: Mapping[str, UpstreamForm]) -> bool:
    kind = kind_of(name)
    return bool(re.fullmatch(NAME, name)) and kind in forms and (name == kind or forms[kind].several)


def read_upstreams(group: Any, forms: Mapping[str, UpstreamForm]) -> tuple[Upstreams, dict[str, Problem]]:
    """The section as settings, and a problem a wrong path."""
    if not isinstance(group, dict) or not isinstance(group.get("configurations", {}), dict):
        return Upstreams(), {"upstreams": Problem(N_("This section must be a JSON object."))}
    wrong = group.keys() - {"offered", "configurations"}
    problems = {f"upstreams.{name}": Problem(N_("There is no setting of this name.")) for name in wrong}
    configurations: dict[str, dict[str, Any]] = {}
    for name, values in group.get("configurations", {}).items():
        path = f"upstreams.configurations.{name}"
        if not is_name(name, forms):
            problems[path] = Problem(N_("There is no provider of this name."))
            continue
        form = forms[kind_of(name)]
        configurations[name], faults = read_group(form.fields, values, path)
        faults = faults or {f"{path}.{each}": text for each, text in form.check(configurations[name]).items()}
        problems |= faults
    offered = group.get("offered", [])
    if not isinstance(offered, list | tuple) or not all(name in [*configurations] for name in offered):
        return Upstreams(), problems | {"upstreams.offered": Problem(N_("It is not set up."))}
    return Upstreams(tuple(dict.fromkeys(offered)), configurations), problems


def write_upstreams(upstreams: Upstreams) -> dict[str, Any]:
    configurations = {name: dict(values) for name, values in upstreams.configurations.items()}
    return {"offered": list(upstreams.offered), "configurations": configurations}


def upstreams_schema(forms: Mapping[str, UpstreamForm]) -> dict[str, Any]:
    patterns = {f"^{name}{'(-[a-z0-9]{1,20})?' if form.several else ''}$": form for name, form in sorted(forms.items())}
    configurations = {pattern: schema(form.fields) for pattern, form in patterns.items()}
    return {
        "type": "object",
        "properties": {
            "offered": {"type": "array", "items": {"type": "string"}},
            "configurations": {
                "type": "object",
                "patternProperties": configurations,
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    }
