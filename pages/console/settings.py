"""The settings, their history, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext

from flows import change_settings
from flows.outcomes import Refused
from pages.console.frame import bp, in_words, label, problems_of, remember_changes
from pages.console.preview import first_page, offer_page
from pages.journey import Page
from pages.visitor import admin, services
from settings.console import FIELDS, write_document
from settings.fields import Kind
from settings.sections import SECTIONS

PLACES = {f"{section}.{field.name}": field for section, fields in FIELDS.items() for field in fields}


@bp.get("/settings")
def settings() -> Page:
    return _page(write_document(services().settings()), {})


@bp.post("/settings")
def save_settings() -> Page:
    """The page sends every setting; whatever it leaves out keeps its value."""
    document = write_document(services().settings())
    for place, field in PLACES.items():
        typed = request.form.getlist(place)
        if typed:
            section, name = place.split(".")
            document[section][name] = typed[0].splitlines() if field.kind is Kind.LIST else typed[0]
    if request.form.get("action") == "preview":
        return _preview(document)
    before = services().settings()
    outcome = change_settings.save(services(), admin().name, document)
    if isinstance(outcome, Refused):
        return _page(document, problems_of(outcome)), 422
    remember_changes(before)
    return redirect(url_for("console.settings"), 303)


def _preview(document: dict[str, Any]) -> Page:
    """The first pages as the unsaved settings would make them. Nothing is saved, and nothing in them works."""
    unsaved = change_settings.read(services(), document)
    if isinstance(unsaved, Refused):
        return _page(document, problems_of(unsaved)), 422
    previews = [
        (gettext("Sign in"), first_page("sign_in", unsaved)),
        (gettext("Sign up"), first_page("sign_up", unsaved)),
        (gettext("After signing in"), offer_page(unsaved)),
    ]
    return _page(document, {}, previews=[each for each in previews if each[1]])


def _page(document: dict[str, Any], problems: dict[str, str], **more: Any) -> str:
    sections = [
        (
            name,
            gettext(title),
            FIELDS[name],
            document[name],
            {field.name: problems.get(f"{name}.{field.name}") for field in FIELDS[name]},
        )
        for name, (title, _section) in SECTIONS.items()
    ]
    return render_template(
        "console/settings.html", sections=sections, failed=bool(problems), problem=problems.get(""), **more
    )


@bp.get("/settings/history")
def history() -> Page:
    versions = [
        {
            "number": version.id,
            "when": datetime.fromtimestamp(version.created_at, UTC),
            "author": version.author,
            "changes": in_words(version.changes),
        }
        for version in change_settings.history(services())
    ]
    return render_template("console/history.html", versions=versions)


@bp.post("/settings/history")
def roll_back() -> Page:
    number = request.form.get("version", "")
    before = services().settings()
    if number.isascii() and number.isdigit() and len(number) < 10:
        outcome = change_settings.roll_back(services(), admin().name, int(number))
        if isinstance(outcome, Refused):
            problems = problems_of(outcome) if outcome.values else {"": gettext("There is no such version.")}
            labelled = [(label(path), sentence) for path, sentence in problems.items()]
            return render_template("console/refused.html", problems=labelled), 422
        remember_changes(before)
    return redirect(url_for("console.history"), 303)
