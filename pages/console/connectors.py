"""The connectors: choose one, fill it in, try it, use it."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext

from flows import change_settings, connector_setup
from flows.outcomes import Refused
from pages.console.answers import answer_words
from pages.console.frame import bp, problem_words, problems_of, remember_changes
from pages.journey import Page
from pages.visitor import admin, services
from pages.words import sentence
from settings.fields import Kind


def _offered() -> dict[str, Any]:
    production = services().environment.production
    return {name: each for name, each in services().connectors.items() if each.production or not production}


@bp.get("/connectors")
def connectors() -> Page:
    active = services().settings().connectors.active
    listed = [
        {"name": name, "title": gettext(each.title), "summary": gettext(each.summary), "active": name == active}
        for name, each in _offered().items()
    ]
    return render_template("console/connectors.html", connectors=listed)


@bp.route("/connectors/<name>", methods=["GET", "POST"])
def connector(name: str) -> Page:
    """GET shows the form; POST tries the typed values ("test") or saves them ("save")."""
    if name not in _offered():
        abort(404)
    saved = services().settings().connectors.configurations.get(name, {})
    if request.method == "GET":
        return _page(name, {field.name: saved.get(field.name, field.default) for field in _offered()[name].fields})
    typed = _typed(name)
    return _test(name, typed) if request.form.get("action") == "test" else _save(name, typed)


def _typed(name: str) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for field in _offered()[name].fields:
        value = (request.form.getlist(field.name) or [""])[0]
        typed[field.name] = value.splitlines() if field.kind is Kind.LIST else value
    return typed


def _test(name: str, typed: dict[str, Any]) -> Page:
    number = request.form.get("test_to", "")
    country = services().settings().phones.default_country
    answer = connector_setup.test(services(), name, typed, number, country, str(get_locale()))
    if isinstance(answer, Refused):
        problems = {field: problem_words(problem) for field, problem in answer.values.get("problems", {}).items()}
        if answer.reason != "invalid":
            problems["test_to"] = sentence(answer)
        return _page(name, typed, problems, test_to=number), 422
    return _page(name, typed, test_to=number, test_answer=answer_words(answer))


def _save(name: str, typed: dict[str, Any]) -> Page:
    before = services().settings()
    outcome = connector_setup.save(services(), admin().name, name, typed)
    if isinstance(outcome, Refused):
        return _page(name, typed, problems_of(outcome)), 422
    remember_changes(change_settings.differences(services(), before, services().settings()))
    return redirect(url_for("console.connector", name=name), 303)


def _page(name: str, values: dict[str, Any], problems: dict[str, str] | None = None, **more: Any) -> str:
    """A secret never goes back to the page, neither saved nor typed: the form says that one is kept."""
    chosen = _offered()[name]
    saved = services().settings().connectors
    kept = saved.configurations.get(name, {})
    shown = {field.name: bool(kept.get(field.name)) if field.secret else values[field.name] for field in chosen.fields}
    return render_template(
        "console/connector.html",
        connector={"name": name, "title": gettext(chosen.title), "active": saved.active == name},
        fields=chosen.fields,
        values=shown,
        problems=problems or {},
        **more,
    )
