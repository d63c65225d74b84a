"""Every setting of the console, declared once, and the document that holds them all.

The document is JSON, a section a dataclass of sections.py, with ``connectors``, ``upstreams``, ``lookups``,
``templates``, ``email_templates``:
``{"sign_up": {"enabled": true}, ..., "connectors": {"active": "twilio", "configurations": {"twilio": {...}}}}``
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from settings.connectors import ConnectorForm, Connectors, connectors_schema, read_connectors, write_connectors
from settings.consistency import problems_between
from settings.email_templates import email_templates_schema, read_email_templates, write_email_templates
from settings.fields import N_, Field, Problem, read_group, schema
from settings.lookups import LookupForm, lookups_schema, read_lookups, write_lookups
from settings.sections import SECTIONS, Phones
from settings.sections import Settings as Settings  # where the whole is declared
from settings.templates import read_templates, templates_schema, write_templates
from settings.upstreams import UpstreamForm, read_upstreams, upstreams_schema, write_upstreams


def fields_of(section: type) -> tuple[Field, ...]:
    return tuple(Field(name=f.name, default=f.default, **f.metadata) for f in fields(section))


OTHERS = ("connectors", "upstreams", "lookups", "templates", "email_templates")  # sections of a form of their own
NONE: Mapping[str, Any] = {}
FIELDS = {name: fields_of(section) for name, (_title, section) in SECTIONS.items()}


def first_settings(*, production: bool) -> Settings:
    """Before the first save: a development installation serves every country, takes the numbers of plays and films,
    which nobody has (+44 7700 900123), and shows messages on a page."""
    if production:
        return Settings()
    connectors = Connectors(active="development", email="development", configurations={"development": {}})
    return replace(Settings(), phones=Phones(all_countries=True, allow_possible=True), connectors=connectors)


def read_document(
    document: Any,
    forms: Mapping[str, ConnectorForm],
    upstreams: Mapping[str, UpstreamForm] = NONE,
    lookups: Mapping[str, LookupForm] = NONE,
    *,
    production: bool,
) -> tuple[Settings, dict[str, Problem]]:
    """A document as settings, and a problem a wrong path (``codes.length``). Missing sections keep their defaults."""
    if not isinstance(document, dict):
        return Settings(), {"": Problem(N_("The document must be a JSON object."))}
    problems = {
        str(name): Problem(N_("There is no section of this name.")) for name in document.keys() - {*SECTIONS, *OTHERS}
    }
    sections: dict[str, Any] = {}
    for name, (_title, section) in SECTIONS.items():
        values, wrong = read_group(FIELDS[name], document.get(name, {}), name)
        problems |= wrong
        if not wrong:
            sections[name] = section(**values)
    sections["connectors"], wrong = read_connectors(document.get("connectors", {}), forms, production=production)
    sections["upstreams"], wrong_upstreams = read_upstreams(document.get("upstreams", {}), upstreams)
    sections["lookups"], wrong_lookups = read_lookups(document.get("lookups", {}), lookups)
    sections["templates"], wrong_texts = read_templates(document.get("templates", {}))
    sections["email_templates"], wrong_emails = read_email_templates(document.get("email_templates", {}))
    settings = replace(Settings(), **sections)
    wrong |= wrong_upstreams | wrong_lookups | wrong_texts | wrong_emails
    return settings, problems | wrong | (problems_between(settings) if not problems else {})


def write_document(settings: Settings) -> dict[str, Any]:
    """The settings as a document that :func:`read_document` reads back to the same, secrets included."""
    document: dict[str, Any] = {}
    for name in SECTIONS:
        section = getattr(settings, name)
        values = {f.name: getattr(section, f.name) for f in fields(section)}
        document[name] = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
    document["connectors"] = write_connectors(settings.connectors)
    document["upstreams"] = write_upstreams(settings.upstreams)
    document["lookups"] = write_lookups(settings.lookups)
    document["templates"] = write_templates(settings.templates)
    document["email_templates"] = write_email_templates(settings.email_templates)
    return document


def document_schema(
    forms: Mapping[str, ConnectorForm],
    upstreams: Mapping[str, UpstreamForm] = NONE,
    lookups: Mapping[str, LookupForm] = NONE,
) -> dict[str, Any]:
    """The JSON schema of the whole document."""
    sections = {name: {"title": title, **schema(FIELDS[name])} for name, (title, _section) in SECTIONS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Doorcode settings",
        "type": "object",
        "properties": {
            **sections,
            "connectors": connectors_schema(forms),
            "upstreams": upstreams_schema(upstreams),
            "lookups": lookups_schema(lookups),
            "templates": templates_schema(),
            "email_templates": email_templates_schema(),
        },
        "additionalProperties": False,
    }
