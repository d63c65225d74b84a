"""The password in the account centre: /account/password."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, session, url_for

from flows import password as flow
from flows.new_password import is_alone, shortest_of
from flows.outcomes import Refused
from pages.forms import NewPasswordForm
from pages.journey import Page
from pages.proof import fresh_proof_required
from pages.visitor import account_session, services, signed_in_only, visitor
from pages.words import sentence, status

bp = Blueprint("password", __name__)


@bp.route("/account/password", methods=["GET", "POST"])
@signed_in_only
@fresh_proof_required
def change() -> Page:
    if not flow.may_change(services()):
        abort(404)
    if request.method == "GET":
        return _page(NewPasswordForm(formdata=None, end_sessions=True), told=session.pop("told", ""))
    form = NewPasswordForm()
    if not form.validate():
        return _page(form), 422
    typed, end_sessions = form.new_password.data or "", bool(form.end_sessions.data)
    outcome = flow.change(services(), visitor(), account_session(), typed, end_sessions=end_sessions)
    if isinstance(outcome, Refused):
        form.refuse("new_password", sentence(outcome))
        return _page(form), status(outcome)
    session["told"] = "password_changed"
    return redirect(url_for("password.change"), 303)


def _page(form: NewPasswordForm, told: str = "") -> str:
    account = flow.about(services(), account_session())
    shortest = shortest_of(services(), alone=is_alone(services()))
    return render_template("account/password.html", form=form, account=account, shortest=shortest, told=told)
