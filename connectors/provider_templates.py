"""For providers that keep the texts themselves: which of their templates carries a message, and with which values.

The admin gives a list of templates. Of those that fit a message the closest one carries it: the one for its usage, then
for its country, then for its language. ``parameters`` are the names of our variables in the template's own order, or an
object from the template's names to ours.

    [{"usage": "generic", "country": "", "locale": "", "id": "SMS_154950909", "parameters": {"code": "code"}}]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.contract import CannotBuildError, Message
from settings.fields import N_, Field, Kind, Problem
from settings.templates import ACT, WITHOUT_STAND_IN

VARIABLES = ("code", "minutes", "application", "act")
NAMES = ("usage", "country", "locale", "id", "parameters")
TEMPLATES = Field(
    "templates",
    N_("Templates"),
    Kind.JSON,
    required=True,
    help=N_(
        "A list of objects with id and parameters, and where they differ usage, country and locale. Parameters are"
        " code, minutes, application and, for act_confirmation, act: a list in the template's order, or an object from"
        " its names to these."
    ),
)


@dataclass(frozen=True)
class ProviderTemplate:
    """``parameters``: (the template's name or ours, the value), in the template's order."""

    id: str
    parameters: tuple[tuple[str, str], ...]

    @property
    def values(self) -> list[str]:
        return [value for _name, value in self.parameters]


def template_for(config: Mapping[str, Any], message: Message) -> ProviderTemplate:
    """Raises CannotBuildError where none fits."""
    wanted = {"usage": message.usage, "country": message.country, "locale": message.locale}
    fitting = [template for template in config["templates"] if _fits(template, wanted)]
    if not fitting:
        raise CannotBuildError(f"No template is set for {message.usage} in {message.country or 'this country'}.")
    best = max(fitting, key=lambda template: [template.get(name) == value for name, value in wanted.items()])
    ours = {
        "code": message.code,
        "minutes": str(message.minutes),
        "application": message.application,
        "act": message.act,
    }
    return ProviderTemplate(
        best["id"], tuple((name, ours[variable]) for name, variable in _pairs(best.get("parameters", [])))
    )


def _fits(template: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    """What carries no code, or an act with it, has no use for the generic template."""
    usages = (wanted["usage"],) if wanted["usage"] in WITHOUT_STAND_IN else (wanted["usage"], "generic")
    return (
        template.get("usage", "generic") in usages
        and template.get("country", "") in (wanted["country"], "")
        and template.get("locale", "") in (wanted["locale"], "")
    )


def _pairs(parameters: Any) -> list[tuple[str, Any]]:
    return list(parameters.items()) if isinstance(parameters, dict) else [(name, name) for name in parameters]


def templates_problem(config: Mapping[str, Any]) -> Problem | None:
    """What is wrong with the list as a whole, for a connector's ``check``."""
    templates = config["templates"]
    if not isinstance(templates, list) or not all(isinstance(template, dict) for template in templates):
        return Problem(N_("Write a list of objects: [{...}, {...}]."))
    for number, template in enumerate(templates, 1):
        if wrong := _problem(template):
            return Problem(wrong, {"number": number})
    if not any(template.get("usage", "generic") == "generic" for template in templates):
        return Problem(N_("Give a template with the usage generic: it stands in where another is missing."))
    return None


def _problem(template: Mapping[str, Any]) -> str:
    parameters = template.get("parameters", [])
    texts = [value for name, value in template.items() if name != "parameters"]
    if template.keys() - set(NAMES) or not all(isinstance(text, str) for text in texts):
        return N_("Template %(number)s: use the names usage, country, locale, id and parameters, each with a text.")
    if not template.get("id"):
        return N_("Template %(number)s: give the id that the provider shows.")
    if not isinstance(parameters, dict | list) or any(value not in VARIABLES for _name, value in _pairs(parameters)):
        return N_("Template %(number)s: parameters are code, minutes, application and act.")
    if "code" not in [value for _name, value in _pairs(parameters)]:
        return N_("Template %(number)s: the code must be one of the parameters.")
    if ("act" in [value for _name, value in _pairs(parameters)]) != (template.get("usage") == ACT):
        return N_("Template %(number)s: act is a parameter of templates for act_confirmation, and of no other.")
    return ""
