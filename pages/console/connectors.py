"""The connectors: choose one, fill it in beside its guide, try it, use it, replace it, delete it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l

from flows import connector_setup
from flows.connector_setup import Place
from flows.outcomes import Done, Refused
from pages.console.answers import KINDS, answer_words
from pages.console.frame import bp, connector_title, problem_words, problems_of, remember_changes
from pages.console.guide import guide_of
from pages.journey import Page
from pages.visitor import admin, services
from pages.words import headers, sentence, status
from settings.connectors import ConnectorForm
from settings.fields import Kind

ROLES = {
    "active": _l("In use"),
    "email": _l("In use for e-mail"),
    "standby": _l("Standing by"),
    "routed": _l("For some countries"),
    "kept": _l("Set up"),
}
BUTTONS = {"save": "active", "save_email": "email", "standby": "standby", "keep": "kept"}
USES = {"sms": "active", "email": "email"}  # the place of which a connector is in use for a channel


def _offered() -> dict[str, ConnectorForm]:
    production = services().environment.production
    return {name: each for name, each in services().connectors.items() if each.production or not production}


def _roles(name: str) -> list[str]:
    """Where a connector stands: names of ROLES, none where it is not set up."""
    group = services().settings().connectors
    found = [role for role in ("active", "email", "standby") if name == getattr(group, role)]
    found += ["routed"] if name in group.routes and "active" not in found else []
    return found or (["kept"] if name in group.configurations else [])


@bp.get("/connectors")
def connectors() -> Page:
    """Those that are set up first; ``q`` searches names and what they say of themselves."""
    sought = request.args.get("q", "").strip()
    listed = [
        {"name": name, "title": gettext(each.title), "summary": gettext(each.summary), "roles": _roles(name)}
        for name, each in _offered().items()
    ]
    found = [each for each in listed if sought.casefold() in f"{each['title']} {each['summary']}".casefold()]
    found.sort(key=lambda each: [*ROLES, ""].index((each["roles"] or [""])[0]))
    return render_template(
        "console/connectors.html",
        connectors=found,
        roles=ROLES,
        q=sought,
        troubles=_troubles(),
        fresh=not sought and services().settings().connectors.active in ("", "development"),
    )


def _troubles() -> dict[str, str]:
    return {name: _trouble(circuit) for name, circuit in connector_setup.circuits_now(services()).items()}


def _trouble(circuit: Any) -> str:
    kind = KINDS.get(circuit.reason, gettext("No answer"))
    if circuit.opened_at is None:
        return gettext("%(count)s failures in a row: %(kind)s", count=circuit.failures, kind=kind)
    return gettext(
        "Failing since %(when)s: %(kind)s. Others carry its messages; it is tried again by itself.",
        when=datetime.fromtimestamp(circuit.opened_at, UTC).strftime("%H:%M UTC"),
        kind=kind,
    )


@bp.route("/connectors/<name>", methods=["GET", "POST"])
def connector(name: str) -> Page:
    """GET shows the form; POST tries the typed values ("test") or saves them ("save", "standby", "keep")."""
    if name not in _offered():
        abort(404)
    group = services().settings().connectors
    if request.method == "GET":
        saved = group.configurations.get(name, {})
        values = {field.name: saved.get(field.name, field.default) for field in _offered()[name].fields}
        return _page(name, values, countries="\n".join(group.routes.get(name, ())))
    typed, countries = _typed(name), request.form.get("countries", "")
    action = request.form.get("action", "")
    if action == "test":
        return _test(name, typed, countries)
    return _save(name, typed, countries, BUTTONS.get(action, "kept"))


def _uses(name: str) -> list[dict[str, str]]:
    """What a connector can be used for: its place there, the button's name, and which one it would replace."""
    return [
        {
            "channel": channel,
            "role": USES[channel],
            "action": next(action for action, role in BUTTONS.items() if role == USES[channel]),
            "confirm": connector_setup.CONFIRMS[USES[channel]],
            "replaces": connector_title(connector_setup.replaced(services(), name, USES[channel])),
        }
        for channel in _offered()[name].channels
    ]


def _typed(name: str) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for field in _offered()[name].fields:
        value = (request.form.getlist(field.name) or [""])[0]
        typed[field.name] = value.splitlines() if field.kind is Kind.LIST else value
    return typed


def _test(name: str, typed: dict[str, Any], countries: str) -> Page:
    number = request.form.get("test_to", "")
    country = services().settings().phones.default_country
    answer = connector_setup.test(services(), admin().id, name, typed, number, country, str(get_locale()))
    if isinstance(answer, Refused):
        problems = {field: problem_words(problem) for field, problem in answer.values.get("problems", {}).items()}
        if answer.reason != "invalid":
            problems["test_to"] = sentence(answer)
        page = _page(name, typed, problems, countries=countries, test_to=number)
        return page, status(answer), headers(answer)
    return _page(name, typed, countries=countries, test_to=number, test_answer=answer_words(answer))


def _save(name: str, typed: dict[str, Any], countries: str, role: str) -> Page:
    confirmation = request.form.get(connector_setup.CONFIRMS.get(role, ""), "")
    place = Place(role, countries.upper().split(), confirmation)
    before = services().settings()
    outcome = connector_setup.save(services(), admin().name, name, typed, place)
    if isinstance(outcome, Refused):
        return _page(name, typed, problems_of(outcome), countries=countries), 422
    remember_changes(before)
    return redirect(url_for("console.connector", name=name), 303)


def _page(name: str, values: dict[str, Any], problems: dict[str, str] | None = None, **more: Any) -> str:
    """A secret never goes back to the page, neither saved nor typed: the form says that one is kept."""
    chosen, group = _offered()[name], services().settings().connectors
    kept = group.configurations.get(name, {})
    shown = {
        field.name: bool(kept.get(field.name)) if field.secret else _spelled(field.kind, values[field.name])
        for field in chosen.fields
    }
    return render_template(
        "console/connector.html",
        connector={"name": name, "title": gettext(chosen.title), "roles": _roles(name)},
        channels=chosen.channels,
        uses=_uses(name),
        roles=ROLES,
        trouble=_troubles().get(name),
        guide=guide_of(chosen.guide()),
        fields=chosen.fields,
        values=shown,
        problems=problems or {},
        active=connector_title(group.active),
        typed_again=[gettext(field.label) for field in chosen.fields if field.secret and request.form.get(field.name)],
        receipt_address=connector_setup.receipts_at(services(), name) if chosen.reports else "",
        **more,
    )


def _spelled(kind: Kind, value: Any) -> Any:
    return (
        json.dumps(value, indent=2, ensure_ascii=False) if kind is Kind.JSON and not isinstance(value, str) else value
    )


@bp.route("/connectors/<name>/delete", methods=["GET", "POST"])
def delete_connector(name: str) -> Page:
    """GET says what will happen; POST does it, once the connector's name is typed."""
    roles = _roles(name)
    if not roles:
        abort(404)
    problem = None
    if request.method == "POST":
        before = services().settings()
        outcome = connector_setup.delete(services(), admin().name, name, request.form.get(connector_setup.CONFIRM, ""))
        if isinstance(outcome, Done):
            remember_changes(before)
            return redirect(url_for("console.connectors"), 303)
        problem = next(iter(problems_of(outcome).values()))
    group = services().settings().connectors
    page = render_template(
        "console/delete.html",
        connector={"name": name, "title": connector_title(name), "roles": roles},
        heir=connector_title(connector_setup.heir(group, name)),
        dependents=connector_setup.dependents(services(), "phone") if "active" in roles else None,
        email_dependents=connector_setup.dependents(services(), "email") if "email" in roles else None,
        problem=problem,
        typed=request.form.get(connector_setup.CONFIRM, ""),
    )
    return (page, 422) if problem else page
