"""Try an application's sign-in: the button is on its page, the answer comes here, and the tokens are shown decoded."""

from __future__ import annotations

import json
from typing import Any

from flask import abort, redirect, render_template, request

from flows import clients
from oidc import trial
from pages.console.frame import bp
from pages.journey import Page
from pages.visitor import services

ANSWERED = ("code", "state", "iss", "error", "error_description")


@bp.post("/clients/<client_id>/try")
def begin_trial(client_id: str) -> Page:
    """To the sign-in page, as the application would send a person."""
    found = clients.find(services(), client_id)
    if found is None or not trial.can_begin(found):
        abort(404)
    return redirect(trial.begin(services(), found), 303)


@bp.route("/try-client", methods=["GET", "POST"])
def try_client() -> Page:
    """GET shows what came back; POST exchanges the code, once, and shows the tokens."""
    came = {name: request.values[name] for name in ANSWERED if name in request.values}
    found = trial.tried_client(services(), came.get("state", ""))
    if found is None:
        abort(404)
    shown: dict[str, Any] = {"client": found, "came": came, "tried": None, "over": False, "tokens": [], "answer": ""}
    if request.method == "POST":
        tried = trial.finish(services(), found, came["state"], came.get("code", ""))
        shown |= {"tried": tried, "over": tried is None} | (_spelled(tried) if tried else {})
    return render_template("console/try_client.html", **shown), 422 if shown["over"] else 200


def _spelled(tried: trial.Tried) -> dict[str, Any]:
    tokens = [(name, _json(header), _json(claims)) for name, (header, claims) in tried.decoded.items()]
    return {"tokens": tokens, "answer": _json(tried.answer), "userinfo": _json(tried.userinfo)}


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
