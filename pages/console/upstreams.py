"""The providers that people can come from: set one up beside its guide, test it, give it a button, or delete it."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from flows import upstream_setup
from flows.outcomes import Refused
from flows.services import TestAnswer
from pages.console.frame import bp, problem_words, problems_of, remember_changes
from pages.console.guide import guide_of
from pages.journey import Page
from pages.visitor import admin, services
from settings.upstreams import kind_of

# What a test finds, by the provider's word or ours.
FOUND = {
    "no_answer": _l("It does not answer. Look at the addresses above."),
    "bad_discovery": _l("Its discovery document is missing, or lacks what is needed. Look at the issuer above."),
    "other_issuer": _l("Its discovery document names another issuer. Spell it as the document does."),
    "invalid_client": _l("It does not take the client ID and the secret. Copy both again."),
    "unauthorized_client": _l("It does not take the client ID and the secret. Copy both again."),
    "incorrect_client_credentials": _l("It does not take the client ID and the secret. Copy both again."),
}
UNCLEAR = _l("It answers, and does not say clearly whether the client is right. Sign in with it to see.")


@bp.route("/upstreams", methods=["GET", "POST"])
def upstreams() -> Page:
    """GET lists them, those with a button first; POST moves one up."""
    if request.method == "POST":
        before = services().settings()
        upstream_setup.move_up(services(), admin().name, request.form.get("up", ""))
        remember_changes(before)
        return redirect(url_for("console.upstreams"), 303)
    offered = services().settings().upstreams.offered
    return render_template(
        "console/upstreams.html",
        upstreams=[_listed(name) | {"up": name in offered[1:]} for name in upstream_setup.names(services())],
    )


def _listed(name: str) -> dict[str, Any]:
    group, form = services().settings().upstreams, services().upstreams[kind_of(name)]
    state = "offered" if name in group.offered else "kept" if name in group.configurations else ""
    title = gettext(upstream_setup.title(services(), name))
    return {"name": name, "title": title, "summary": gettext(form.summary), "state": state}


@bp.route("/upstreams/<name>", methods=["GET", "POST"])
def upstream(name: str) -> Page:
    """POST tries the typed values ("test"), saves them ("offer", "keep") or forgets them ("delete")."""
    if not upstream_setup.is_known(services(), name):
        abort(404)
    fields = services().upstreams[kind_of(name)].fields
    if request.method == "GET":
        saved = services().settings().upstreams.configurations.get(name, {})
        return _page(name, {field.name: saved.get(field.name, field.default) for field in fields})
    typed = {field.name: (request.form.getlist(field.name) or [""])[0] for field in fields}
    action = request.form.get("action", "")
    if action == "test":
        return _test(name, typed)
    before = services().settings()
    if action == "delete":
        outcome = upstream_setup.delete(services(), admin().name, name, request.form.get(upstream_setup.CONFIRM, ""))
    else:
        outcome = upstream_setup.save(services(), admin().name, name, typed, offered=action == "offer")
    if isinstance(outcome, Refused):
        return _page(name, typed, problems_of(outcome)), 422
    remember_changes(before)
    return redirect(url_for("console.upstreams" if action == "delete" else "console.upstream", name=name), 303)


def _test(name: str, typed: dict[str, Any]) -> Page:
    answer = upstream_setup.test(services(), name, typed)
    if isinstance(answer, Refused):
        problems = {field: problem_words(problem) for field, problem in answer.values["problems"].items()}
        return _page(name, typed, problems), 422
    return _page(name, typed, answer=answer, words=_words(answer))


def _words(answer: TestAnswer) -> object:
    if answer.outcome == "accepted":
        return gettext("It answers, and takes the client ID and the secret.")
    return FOUND.get(answer.code, UNCLEAR)


def _page(name: str, values: dict[str, Any], problems: dict[str, str] | None = None, **more: Any) -> str:
    """A secret never goes back to the page, neither saved nor typed: the form says that one is kept."""
    form = services().upstreams[kind_of(name)]
    kept = services().settings().upstreams.configurations.get(name, {})
    shown = {
        field.name: bool(kept.get(field.name)) if field.secret else values.get(field.name, field.default)
        for field in form.fields
    }
    return render_template(
        "console/upstream.html",
        upstream=_listed(name),
        linked=upstream_setup.linked_accounts(services(), name) if kept else 0,
        address=upstream_setup.address_for(services(), name),
        guide=guide_of(form.guide()),
        fields=form.fields,
        values=shown,
        problems=problems or {},
        typed_again=[gettext(field.label) for field in form.fields if field.secret and request.form.get(field.name)],
        **more,
    )
