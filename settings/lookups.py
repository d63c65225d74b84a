"""Providers that know of what kind a number is, as settings: which is asked, and what each was given.

``{"active": "twilio", "configurations": {"twilio": {...}}}``
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from settings.fields import N_, Field, Problem, read_group, schema

# What a number can be. Special: premium rate, shared cost, toll-free, pager, voicemail and their like.
MOBILE, LANDLINE, VOIP, SPECIAL, UNKNOWN = "mobile", "landline", "voip", "special", "unknown"
# What can be asked.
LINE, SIM_SWAP = "line", "sim_swap"


@dataclass(frozen=True)
class Lookups:
    """``active``: the provider that is asked, "" for none. ``configurations`` keeps what was set up once."""

    active: str = ""
    configurations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class LookupForm(Protocol):
    """What the settings, the flows and the console need to know of a provider."""

    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def fields(self) -> tuple[Field, ...]: ...
    @property
    def check(self) -> Callable[[Mapping[str, Any]], dict[str, Problem]]: ...
    def guide(self) -> str: ...


def read_lookups(group: Any, forms: Mapping[str, LookupForm]) -> tuple[Lookups, dict[str, Problem]]:
    """The section as settings, and a problem a wrong path."""
    if not isinstance(group, dict) or not isinstance(group.get("configurations", {}), dict):
        return Lookups(), {"lookups": Problem(N_("This section must be a JSON object."))}
    wrong = group.keys() - {"active", "configurations"}
    problems = {f"lookups.{name}": Problem(N_("There is no setting of this name.")) for name in wrong}
    configurations: dict[str, dict[str, Any]] = {}
    for name, values in group.get("configurations", {}).items():
        path = f"lookups.configurations.{name}"
        if name not in forms:
            problems[path] = Problem(N_("There is no provider of this name."))
            continue
        configurations[name], faults = read_group(forms[name].fields, values, path)
        faults = faults or {f"{path}.{each}": text for each, text in forms[name].check(configurations[name]).items()}
        problems |= faults
    active = str(group.get("active") or "")
    if active and active not in configurations:
        return Lookups(), problems | {"lookups.active": Problem(N_("It is not set up."))}
    return Lookups(active, configurations), problems


def write_lookups(lookups: Lookups) -> dict[str, Any]:
    configurations = {name: dict(values) for name, values in lookups.configurations.items()}
    return {"active": lookups.active, "configurations": configurations}


def lookups_schema(forms: Mapping[str, LookupForm]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "active": {"enum": ["", *sorted(forms)]},
            "configurations": {
                "type": "object",
                "properties": {name: schema(form.fields) for name, form in sorted(forms.items())},
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    }
