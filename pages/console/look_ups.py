"""The providers that know of what kind a number is: set one up beside its guide, test it, use it, forget it."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _l

from flows import look_up_setup
from flows.look_up_setup import TEST_TO
from flows.outcomes import Refused
from flows.services import LookedUp
from pages.console.answers import detail_words
from pages.console.frame import bp, problem_words, problems_of, remember_changes
from pages.console.guide import guide_of
from pages.journey import Page
from pages.visitor import admin, services
from pages.words import sentence, status

LINES = {
    "mobile": _l("mobile"),
    "landline": _l("landline"),
    "voip": _l("Internet phone"),
    "special": _l("premium rate, freephone or another service"),
    "unknown": _l("unknown to the provider"),
}


def listed() -> list[dict[str, Any]]:
    """The providers, for the guard's room."""
    group = services().settings().lookups
    return [
        {
            "name": name,
            "title": gettext(form.title),
            "summary": gettext(form.summary),
            "state": "active" if name == group.active else "kept" if name in group.configurations else "",
        }
        for name, form in services().lookups.items()
    ]


def figures() -> dict[str, Any] | None:
    """What was asked for and told; None where nobody is asked."""
    if not services().settings().lookups.active:
        return None
    found = look_up_setup.used(services())
    told = [f"{LINES[line]} {format_decimal(times)}" for line, times in sorted(found.told.items()) if line in LINES]
    return {
        "today": format_decimal(found.today),
        "most": format_decimal(found.most),
        "told": ", ".join(told),
        "swapped": found.swapped,
    }


@bp.route("/guard/look-up/<name>", methods=["GET", "POST"])
def look_up(name: str) -> Page:
    """POST tries the typed values ("test"), saves them ("use", "keep") or forgets them ("forget")."""
    if name not in services().lookups:
        abort(404)
    fields = services().lookups[name].fields
    if request.method == "GET":
        saved = services().settings().lookups.configurations.get(name, {})
        return _page(name, {field.name: saved.get(field.name, field.default) for field in fields})
    typed = {field.name: (request.form.getlist(field.name) or [""])[0] for field in fields}
    action = request.form.get("action", "")
    if action == "test":
        return _test(name, typed)
    before = services().settings()
    if action == "forget":
        outcome = look_up_setup.forget(services(), admin().name, name)
    else:
        outcome = look_up_setup.save(services(), admin().name, name, typed, use=action == "use")
    if isinstance(outcome, Refused):
        return _page(name, typed, problems_of(outcome)), 422
    remember_changes(before)
    return redirect(url_for("console.look_up", name=name), 303)


def _test(name: str, typed: dict[str, Any]) -> Page:
    number, country = request.form.get(TEST_TO, ""), services().settings().phones.default_country
    found = look_up_setup.test(services(), name, typed, number, country)
    if not isinstance(found, Refused):
        return _page(name, typed, answer=_answer(found), test_to=number)
    problems = {field: problem_words(problem) for field, problem in found.values["problems"].items()}
    if found.reason != "invalid":
        problems[TEST_TO] = sentence(found)
    return _page(name, typed, problems, test_to=number), status(found)


def _answer(found: LookedUp) -> dict[str, Any]:
    if found.line:
        words = gettext("It answers: %(line)s.", line=LINES[found.line])
        return {"good": True, "words": words, "detail": found.carrier}
    words = gettext("It did not say what kind of line this is.")
    return {"good": False, "words": words, "detail": f"{found.code} {detail_words(found.detail)}".strip()}


def _page(name: str, values: dict[str, Any], problems: dict[str, str] | None = None, **more: Any) -> str:
    """A secret never goes back to the page, neither saved nor typed: the form says that one is kept."""
    form = services().lookups[name]
    kept = services().settings().lookups.configurations.get(name, {})
    shown = {
        field.name: bool(kept.get(field.name)) if field.secret else values.get(field.name, field.default)
        for field in form.fields
    }
    return render_template(
        "console/look_up.html",
        provider=next(each for each in listed() if each["name"] == name),
        guide=guide_of(form.guide()),
        fields=form.fields,
        values=shown,
        problems=problems or {},
        typed_again=[gettext(field.label) for field in form.fields if field.secret and request.form.get(field.name)],
        **more,
    )
