"""A challenge before a message: /challenge. What was asked for is sent once more when it is solved."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for

from flows import challenge as flow
from flows import sign_in
from flows.challenge import Shown
from flows.outcomes import Refused
from pages.forms import ChallengeForm
from pages.visitor import account_session, services, visitor
from pages.words import headers, sentence, status

bp = Blueprint("challenge", __name__, url_prefix="/challenge")

# Of the form and its address. No password, and no token.
REPEATED = ("country", "phone", "email", "username", "ticket", "place", "replaces", "action")
LONGEST = 200  # characters of a field
PAGES = {"send-again": "code", "use-code": "password", "send": ""}  # where a button without a page of its own stands


def asked(refused: Refused) -> Any:
    """To the challenge that the guard asks for. The form of this request is kept for afterwards."""
    form = {name: request.values[name][:LONGEST] for name in REPEATED if name in request.values}
    put = flow.put(services(), visitor(), refused.values["effort"], request.path, form)
    session["challenged"] = True
    return redirect(url_for("challenge.solve", challenge=put.ticket), 303)


@bp.route("", methods=["GET", "POST"])
def solve() -> Any:
    form = ChallengeForm()
    if request.method == "GET":
        return _page(ChallengeForm(formdata=None), request.args.get("challenge", ""))
    found = form.challenge.data or ""
    outcome = flow.solve(services(), visitor(), found, form.altcha.data or "")
    if isinstance(outcome, Refused):
        return _refused(form, outcome)
    shown = flow.page(services(), visitor(), found)
    return redirect(shown.path if shown else "/", 307)  # the browser sends the same form there


@bp.post("/wait")
def wait() -> Any:
    form = ChallengeForm()
    outcome = flow.wait(services(), visitor(), form.challenge.data or "")
    if isinstance(outcome, Refused):
        return _refused(form, outcome)
    return redirect(url_for("challenge.solve", challenge=outcome.ticket), 303)


def _refused(form: ChallengeForm, refused: Refused) -> Any:
    form.refuse("altcha", sentence(refused))
    page = _page(form, form.challenge.data or "")
    return (page, status(refused), headers(refused)) if isinstance(page, str) else page


def _page(form: ChallengeForm, challenge_id: str) -> Any:
    shown = flow.page(services(), visitor(), challenge_id)
    if shown is None:
        return redirect(url_for("account.overview" if account_session() else "sign_in.start"), 303)
    has_password = shown.path == url_for("sign_in.start") and any(
        "password" in sign_in.methods(services(), kind) for kind in sign_in.kinds(services())
    )
    return render_template(
        "challenge/solve.html", form=form, shown=shown, back=_page_of(shown), has_password=has_password
    )


def _page_of(shown: Shown) -> str:
    """The page that the form stood on, with the other ways."""
    folder, _slash, last = shown.path.rpartition("/")
    path = f"{folder}/{PAGES[last]}".rstrip("/") if last in PAGES else shown.path
    return f"{path}?ticket={shown.form['ticket']}" if shown.form.get("ticket", "").isalnum() else path
