"""The words of the messages.

previews, email_previews    what a phone would show, and what it costs in segments; what a mailbox would show
save, save_emails           every text of a language                    -> done | refused, with a problem a path
save_json                   a whole section                             -> done | refused, with a problem a path
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flows import change_settings
from flows.outcomes import Done, Refused
from flows.services import Services
from settings.console import write_document
from settings.email_templates import EMAILS, Email
from settings.fields import N_, FieldError, Problem, read_json
from settings.segments import Measure, measure
from settings.templates import TEXTS, USAGES, WITHOUT_CODE, fill, written

SAMPLE_CODE, SAMPLE_ACT, SAMPLE_ORGANIZATION = "482913", "500 EUR", "Acme"  # the same in all languages


@dataclass(frozen=True)
class Preview:
    """``text``: as it arrives, with a made-up code. ``ours``: whether it is Doorcode's own wording."""

    usage: str
    template: str
    text: str
    measure: Measure
    ours: bool


@dataclass(frozen=True)
class EmailPreview:
    """``ours``: Doorcode's own wording; ``shown``: as it arrives, with a made-up code."""

    usage: str
    ours: Email
    shown: Email


def previews(services: Services, locale: str, typed: Mapping[str, str]) -> list[Preview]:
    """One a usage type, of what is typed; where nothing is, of the text that stands in."""
    return [_preview(services, usage, locale, typed.get(usage, "")) for usage in USAGES]


def _preview(services: Services, usage: str, locale: str, typed: str) -> Preview:
    environment = services.environment
    template = typed.strip() or TEXTS.get(locale, TEXTS["en"])[usage]
    carries_code = environment.secure and usage not in WITHOUT_CODE
    text = written(template, _sample(services), environment.public_host if carries_code else "")
    return Preview(usage, template, text, measure(text), not typed.strip())


def _sample(services: Services) -> dict[str, str]:
    settings, environment = services.settings(), services.environment
    return {
        "code": SAMPLE_CODE,
        "application": settings.application.name,
        "minutes": str(settings.codes.minutes),
        "host": environment.public_host,
        "link": environment.public_url,
        "act": SAMPLE_ACT,
        "organization": SAMPLE_ORGANIZATION,
    }


def email_previews(services: Services, locale: str, typed: Mapping[str, Mapping[str, str]]) -> list[EmailPreview]:
    """The same of e-mails. ``typed``: a subject and a body a usage type, each as far as there is one."""
    return [_email_preview(services, usage, locale, typed.get(usage, {})) for usage in USAGES]


def _email_preview(services: Services, usage: str, locale: str, typed: Mapping[str, str]) -> EmailPreview:
    ours = EMAILS.get(locale, EMAILS["en"])[usage]
    used = ours | {part: text.strip() for part, text in typed.items() if text.strip()}
    subject, body = (fill(used[part], _sample(services)) for part in ("subject", "body"))
    return EmailPreview(usage, Email(**ours), Email(subject, body))


def save_emails(services: Services, author: str, locale: str, typed: Mapping[str, Mapping[str, str]]) -> Done | Refused:
    document = write_document(services.settings())
    document["email_templates"][locale] = {usage: dict(parts) for usage, parts in typed.items() if any(parts.values())}
    return change_settings.save(services, author, document, action="templates.saved")


def save(services: Services, author: str, locale: str, typed: Mapping[str, str]) -> Done | Refused:
    document = write_document(services.settings())
    document["templates"][locale] = {usage: text for usage, text in typed.items() if text.strip()}
    return change_settings.save(services, author, document, action="templates.saved")


def save_json(services: Services, author: str, section: str, typed: str) -> Done | Refused:
    """The whole section, templates or email_templates. A problem's values name the ``line`` that it is on."""
    try:
        texts = read_json(typed)
    except FieldError as error:
        return Refused("invalid", values={section: error.problem})
    document = write_document(services.settings()) | {section: texts}
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


def as_document(services: Services, section: str) -> dict[str, Any]:
    """The section as the JSON editor shows it."""
    found: dict[str, Any] = write_document(services.settings())[section]
    return found
