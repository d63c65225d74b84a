"""The applications: make one, edit it, give it another secret, find out why an address does not match, delete it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext

from flows import clients
from flows.outcomes import Refused
from oidc import trial
from pages.console.frame import bp, problem_words, problems_of
from pages.console.snippets import snippets
from pages.journey import Page
from pages.visitor import admin, services
from settings.clients import FIELDS, KINDS, ClientKind, ClientSettings, write_client
from settings.fields import Kind

PUBLIC = ("authentication", "jwks", "pkce", "protected_origins", "manage")
SIGNED_IN = ("redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri", "frame_origins")
TOKENS = ("offline", "id_token_algorithm", "refresh_idle_days", "refresh_days", "pkce")
WITH_SECRETS = (ClientKind.WEB, ClientKind.MACHINE)
# What a kind of application has no use for.
UNUSED = {
    ClientKind.WEB: ("protected_origins", "manage"),
    ClientKind.SPA: PUBLIC,
    ClientKind.NATIVE: (*PUBLIC, "frame_origins"),
    ClientKind.MACHINE: (
        *(*SIGNED_IN, *TOKENS, "logo_url", "colour", "home_url", "consent", "pairwise", "methods", "organizations"),
        *("protected_origins", "account_api"),
    ),
    ClientKind.PROXY: (
        *(
            *SIGNED_IN,
            *TOKENS,
            "authentication",
            "jwks",
            "scopes",
            "audience",
            "access_minutes",
            "account_api",
            "manage",
        ),
    ),
}


@bp.get("/clients")
def list_clients() -> Page:
    kinds = {name: gettext(label) for name, label in KINDS}
    listed = [
        {"id": each.id, "name": each.settings.name, "kind": kinds[each.kind]} for each in clients.list_all(services())
    ]
    return render_template("console/clients.html", clients=listed)


@bp.route("/new-client", methods=["GET", "POST"])
def new_client() -> Page:
    """GET asks for the kind and then for its settings; POST makes it and shows its secret, once."""
    kind = request.values.get("kind", "")
    if kind not in list(ClientKind):
        return render_template("console/new_client.html", kinds=KINDS, kind="")
    if request.method == "GET":
        return _new_page(ClientKind(kind), write_client(ClientSettings()), {})
    typed = write_client(ClientSettings()) | _typed(ClientKind(kind))
    outcome = clients.create(services(), admin().name, kind, typed)
    if isinstance(outcome, Refused):
        return _new_page(ClientKind(kind), typed, problems_of(outcome)), 422
    return _page(outcome.client_id, secret=outcome.secret, created=True)


def _new_page(kind: ClientKind, values: dict[str, Any], problems: dict[str, str]) -> str:
    return render_template(
        "console/new_client.html",
        kinds=KINDS,
        kind=kind,
        fields=_fields(kind),
        values=_spelled(values),
        problems=problems,
    )


@bp.route("/clients/<client_id>", methods=["GET", "POST"])
def client(client_id: str) -> Page:
    """POST saves ("save"), makes another secret ("rotate"), ends the old one ("forget") or checks an address."""
    found = clients.find(services(), client_id)
    if found is None:
        abort(404)
    if request.method == "GET":
        return _page(client_id)
    action = request.form.get("action", "")
    if action == "rotate" and request.form.get("newest") == _newest(found):  # a reload makes no other
        outcome = clients.rotate_secret(services(), admin().name, found)
        return _page(client_id, secret="" if isinstance(outcome, Refused) else outcome.secret)
    if action in ("rotate", "forget"):
        if action == "forget":
            clients.forget_old_secret(services(), admin().name, found)
        return redirect(url_for("console.client", client_id=client_id), 303)
    if action == "check":
        return _checked(client_id, request.form.get("address", ""))
    typed = write_client(found.settings) | _typed(found.kind)
    saved = clients.save(services(), admin().name, found, typed)
    if isinstance(saved, Refused):
        return _page(client_id, typed, problems_of(saved)), 422
    return redirect(url_for("console.client", client_id=client_id), 303)


def _newest(found: Any) -> str:
    return repr(found.secrets[0][1]) if found.secrets else ""


def _checked(client_id: str, address: str) -> Page:
    found = clients.find(services(), client_id)
    answer = clients.check_redirect(found, address) if found else abort(404)
    words = [problem_words(problem) for problem in answer.differences]
    return _page(client_id, checked={"address": address, "words": words} | _side_by_side(answer, address))


def _side_by_side(answer: clients.RedirectAnswer, address: str) -> dict[str, Any]:
    """Both addresses, cut where the first character differs."""
    pair = [(text[: answer.same], text[answer.same :]) for text in (answer.nearest, address)]
    return {"right": answer.right, "nearest": answer.nearest, "pair": pair, "place": answer.same + 1}


def _fields(kind: ClientKind) -> list[Any]:
    return [field for field in FIELDS if field.name not in UNUSED[kind]]


def _typed(kind: ClientKind) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for field in _fields(kind):
        sent = request.form.getlist(field.name)
        if sent:
            typed[field.name] = _one(field, sent)
    return typed


def _one(field: Any, sent: list[str]) -> Any:
    if field.kind is Kind.LIST:  # ticked, or typed one a line
        return [each for each in sent if each] if field.choices else sent[0].splitlines()
    return sent[0]


def _spelled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: json.dumps(value, indent=2) if isinstance(value, dict) else value for name, value in values.items()}


def _page(
    client_id: str, typed: dict[str, Any] | None = None, problems: dict[str, str] | None = None, **more: Any
) -> str:
    found = clients.find(services(), client_id)
    if found is None:
        abort(404)
    values = {
        "secret": "",
        "created": False,
        "checked": None,
        "problems": problems or {},
        "secrets": [datetime.fromtimestamp(born, UTC) for _hash, born in found.secrets],
        "newest": _newest(found),
        "has_secret": found.kind in WITH_SECRETS and found.settings.authentication == "secret",
        "has_addresses": found.kind in (ClientKind.WEB, ClientKind.SPA, ClientKind.NATIVE),
        "can_try": trial.can_begin(found),
        "snippets": snippets(found),
        "issuer": services().environment.public_url,
    }
    return render_template(
        "console/client.html",
        client={"id": found.id, "name": found.settings.name},
        kind=dict(KINDS)[found.kind],
        fields=_fields(found.kind),
        values=_spelled(typed or write_client(found.settings)),
        **values | more,
    )


@bp.route("/delete-client/<client_id>", methods=["GET", "POST"])
def delete_client(client_id: str) -> Page:
    """GET says what will happen; POST does it, once the application's name is typed."""
    found = clients.find(services(), client_id)
    if found is None:
        abort(404)
    problem = None
    if request.method == "POST":
        outcome = clients.delete(services(), admin().name, found, request.form.get("confirm", ""))
        if not isinstance(outcome, Refused):
            return redirect(url_for("console.list_clients"), 303)
        problem = problems_of(outcome)["confirm"]
    page = render_template(
        "console/delete_client.html", client={"id": found.id, "name": found.settings.name}, problem=problem
    )
    return (page, 422) if problem else page
