"""The username in the account centre: /account/username."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, session, url_for

from flows import username as flow
from flows.outcomes import Refused
from pages.forms import NameForm
from pages.journey import Page
from pages.proof import fresh_proof_required
from pages.visitor import account_session, services, signed_in_only, visitor
from pages.words import sentence, status

bp = Blueprint("username", __name__)


@bp.route("/account/username", methods=["GET", "POST"])
@signed_in_only
@fresh_proof_required
def change() -> Page:
    """An empty box takes the name away."""
    if services().settings().account_centre.username == "off":
        abort(404)
    if request.method == "GET":
        form = NameForm(formdata=None, username=flow.own(services(), account_session()))
        return _page(form, told=session.pop("told", ""))
    form = NameForm()
    outcome = flow.change(services(), visitor(), account_session(), (form.username.data or "").strip())
    if isinstance(outcome, Refused):
        form.refuse("username", sentence(outcome, "username"))
        return _page(form), status(outcome)
    session["told"] = "username_changed"
    return redirect(url_for("username.change"), 303)


def _page(form: NameForm, told: str = "") -> str:
    may_change = services().settings().account_centre.username == "edit"
    return render_template("account/username.html", form=form, may_change=may_change, told=told)
