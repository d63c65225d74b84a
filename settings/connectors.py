"""The connectors as settings: which one carries messages, which stands by, and what each was given.

``{"active": "twilio", "standby": "http", "routes": {"tencent": ["CN"]}, "email": "smtp", "configurations": {...}}``
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from settings.fields import N_, Field, Problem, read_group, schema

REGION = r"[A-Z]{2}"
PLACES = {"active": "sms", "standby": "sms", "email": "email"}  # what one connector stands for, and its channel


@dataclass(frozen=True)
class Connectors:
    """``active`` carries text messages, ``standby`` those that it could not; ``routes``: the countries that have
    another. ``email`` carries the messages to e-mail addresses.

    ``configurations`` keeps what was set up once, also of connectors that are not used.
    """

    active: str = ""
    standby: str = ""
    routes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    email: str = ""
    configurations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def in_use(self) -> list[str]:
        """Those that may carry a message now, each once."""
        return [name for name in dict.fromkeys((self.active, self.standby, *self.routes, self.email)) if name]

    def can_carry(self, channel: str) -> bool:
        """Whether a message of this channel, sms or email, finds a connector."""
        return bool(self.email if channel == "email" else self.active)


class ConnectorForm(Protocol):
    """What the settings and the console need to know of a connector. ``guide``: Markdown, "" where there is none."""

    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def reports(self) -> bool: ...
    def guide(self) -> str: ...
    @property
    def fields(self) -> tuple[Field, ...]: ...
    @property
    def check(self) -> Callable[[Mapping[str, Any]], dict[str, Problem]]: ...
    @property
    def production(self) -> bool: ...
    @property
    def channels(self) -> tuple[str, ...]: ...


def read_connectors(
    group: Any, forms: Mapping[str, ConnectorForm], *, production: bool
) -> tuple[Connectors, dict[str, Problem]]:
    """The section as settings, and a problem a wrong path."""
    objects = ("routes", "configurations")
    if not isinstance(group, dict) or not all(isinstance(group.get(name, {}), dict) for name in objects):
        return Connectors(), {"connectors": Problem(N_("This section must be a JSON object."))}
    configurations, problems = _read_configurations(group.get("configurations", {}), forms)
    for name in group.keys() - {*PLACES, *objects}:
        problems[f"connectors.{name}"] = Problem(N_("There is no setting of this name."))
    known = {name: forms[name] for name in configurations}
    routes, wrong = _read_routes(group.get("routes", {}), known, production=production)
    chosen = {place: str(group.get(place) or "") for place in PLACES}
    for place, name in chosen.items():
        if name and (problem := _unusable(name, known, PLACES[place], production=production)):
            problems[f"connectors.{place}"] = problem
    active, standby = chosen["active"], chosen["standby"]
    if standby and standby == active:
        problems["connectors.standby"] = Problem(N_("Choose another connector than the one in use."))
    if (standby or routes) and not active:
        problems["connectors.active"] = Problem(N_("Choose the connector in use first."))
    return Connectors(active, standby, routes, chosen["email"], configurations), problems | wrong


def _read_configurations(
    group: Mapping[str, Any], forms: Mapping[str, ConnectorForm]
) -> tuple[dict[str, dict[str, Any]], dict[str, Problem]]:
    configurations, problems = {}, {}
    for name, values in group.items():
        path = f"connectors.configurations.{name}"
        if name not in forms:
            problems[path] = Problem(N_("There is no connector of this name."))
            continue
        configurations[name], wrong = read_group(forms[name].fields, values, path)
        if not wrong:
            wrong = {f"{path}.{field}": text for field, text in forms[name].check(configurations[name]).items()}
        problems |= wrong
    return configurations, problems


def _read_routes(
    group: Mapping[str, Any], known: Mapping[str, ConnectorForm], *, production: bool
) -> tuple[dict[str, tuple[str, ...]], dict[str, Problem]]:
    routes: dict[str, tuple[str, ...]] = {}
    problems: dict[str, Problem] = {}
    taken: set[str] = set()
    for name, countries in group.items():
        path = f"connectors.routes.{name}"
        if problem := _unusable(name, known, "sms", production=production):
            problems[path] = problem
        elif not isinstance(countries, list | tuple) or not all(_is_region(country) for country in countries):
            problems[path] = Problem(N_("Write each country as two capital letters, such as GB."))
        elif twice := taken & set(countries):
            problems[path] = Problem(N_("%(country)s has another connector already."), {"country": sorted(twice)[0]})
        else:
            taken |= set(countries)
            routes[name] = tuple(countries)
    return {name: countries for name, countries in routes.items() if countries}, problems


def _is_region(country: Any) -> bool:
    return isinstance(country, str) and bool(re.fullmatch(REGION, country))


def _unusable(name: str, known: Mapping[str, ConnectorForm], channel: str, *, production: bool) -> Problem | None:
    """Why a connector cannot carry messages of a channel, if it cannot. ``known``: those that are set up."""
    if name not in known:
        return Problem(N_("It is not set up."))
    if production and not known[name].production:
        return Problem(N_("This connector is for development only."))
    if channel not in known[name].channels:
        return Problem(N_("It carries no e-mail.") if channel == "email" else N_("It carries no text messages."))
    return None


def write_connectors(connectors: Connectors) -> dict[str, Any]:
    return {
        "active": connectors.active,
        "standby": connectors.standby,
        "routes": {name: list(countries) for name, countries in connectors.routes.items()},
        "email": connectors.email,
        "configurations": {name: dict(values) for name, values in connectors.configurations.items()},
    }


def connectors_schema(forms: Mapping[str, ConnectorForm]) -> dict[str, Any]:
    configurations = {name: schema(form.fields) for name, form in sorted(forms.items())}
    places = {
        place: {"type": "string", "enum": ["", *sorted(name for name in forms if channel in forms[name].channels)]}
        for place, channel in PLACES.items()
    }
    countries = {"type": "array", "items": {"type": "string", "pattern": f"^{REGION}$"}}
    return {
        "type": "object",
        "properties": {
            **places,
            "routes": {"type": "object", "additionalProperties": countries},
            "configurations": {"type": "object", "properties": configurations, "additionalProperties": False},
        },
        "additionalProperties": False,
    }
