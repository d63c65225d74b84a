"""The words of the messages.

preview    what a phone would show, and what it costs in segments
save       every text of a language, or the whole section as JSON       -> done | refused, with a problem a path
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flows import change_settings
from flows.outcomes import Done, Refused
from flows.services import Services
from settings.console import write_document
from settings.fields import N_, FieldError, Problem, read_json
from settings.segments import Measure, measure
from settings.templates import TEXTS, USAGES, written

SAMPLE_CODE = "482913"


@dataclass(frozen=True)
class Preview:
    """``text``: as it arrives, with a made-up code. ``ours``: whether it is Doorcode's own wording."""

    usage: str
    template: str
    text: str
    measure: Measure
    ours: bool


def previews(services: Services, locale: str, typed: Mapping[str, str]) -> list[Preview]:
    """One a usage type, of what is typed; where nothing is, of the text that stands in."""
    return [_preview(services, usage, locale, typed.get(usage, "")) for usage in USAGES]


def _preview(services: Services, usage: str, locale: str, typed: str) -> Preview:
    settings, environment = services.settings(), services.environment
    template = typed.strip() or TEXTS.get(locale, TEXTS["en"])[usage]
    values = {
        "code": SAMPLE_CODE,
        "application": settings.application.name,
        "minutes": str(settings.codes.minutes),
        "host": environment.public_host,
        "link": environment.public_url,
    }
    carries_code = environment.secure and usage != "organization_invitation"
    text = written(template, values, environment.public_host if carries_code else "")
    return Preview(usage, template, text, measure(text), not typed.strip())


def save(services: Services, author: str, locale: str, typed: Mapping[str, str]) -> Done | Refused:
    document = write_document(services.settings())
    document["templates"][locale] = {usage: text for usage, text in typed.items() if text.strip()}
    return change_settings.save(services, author, document, action="templates.saved")


def save_json(services: Services, author: str, typed: str) -> Done | Refused:
    """The whole section. A problem's values name the ``line`` that it is on."""
    try:
        texts = read_json(typed)
    except FieldError as error:
        return Refused("invalid", values={"templates": error.problem})
    document = write_document(services.settings()) | {"templates": texts}
    saved = change_settings.save(services, author, document, action="templates.saved")
    if not isinstance(saved, Refused):
        return saved
    return Refused(saved.reason, values={path: _at_line(typed, path, each) for path, each in saved.values.items()})


def _at_line(typed: str, path: str, problem: Problem) -> Problem:
    """The problem with the line of its text: the last name of its path, after those before it."""
    at = 0
    for name in path.split(".")[1:]:
        at = max(at, typed.find(f'"{name}"', at))
    values = {"line": typed.count("\n", 0, at) + 1, "problem": problem}
    return Problem(N_("Line %(line)s: %(problem)s"), values)


def as_document(services: Services) -> dict[str, Any]:
    """The section as the JSON editor shows it."""
    section: dict[str, Any] = write_document(services.settings())["templates"]
    return section
