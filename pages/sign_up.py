"""Sign up: /sign-up and below. A function a button, named like the flow's step."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for

from flows import sign_up as flow
from flows.new_password import shortest_of
from flows.outcomes import Refused
from pages import journey
from pages.forms import NameForm
from pages.journey import Page
from pages.visitor import account_session, enter, services, visitor
from pages.words import sentence, status

bp = Blueprint("sign_up", __name__, url_prefix="/sign-up")


@bp.route("", methods=["GET", "POST"])
def start() -> Page:
    if request.method == "GET" and account_session():
        return redirect(url_for("account.overview"), 303)
    if not flow.is_open(services()):
        return render_template("sign_up/closed.html"), 403
    if flow.kinds(services()) == ["username"]:
        return redirect(url_for("sign_up.choose_name"), 303)
    return journey.start(flow)


@bp.route("/name", methods=["GET", "POST"])
def choose_name() -> Page:
    """An account by a name and a password of one's own, where sign-up is by username."""
    form = NameForm()
    if request.method == "GET":
        if account_session() or flow.kinds(services()) != ["username"]:
            return redirect(url_for("account.overview" if account_session() else "sign_up.start"), 303)
        return _name_page(form)
    outcome = flow.choose_name(services(), visitor(), form.username.data or "", form.new_password.data or "")
    if isinstance(outcome, Refused):
        form.refuse("new_password" if outcome.reason.startswith("password") else "username", sentence(outcome))
        return _name_page(form), status(outcome)
    return enter(outcome)


def _name_page(form: NameForm) -> str:
    return render_template("sign_up/name.html", form=form, shortest=shortest_of(services(), alone=True))


@bp.route("/code", methods=["GET", "POST"])
def check_code() -> Page:
    return journey.check_code(flow) if request.method == "POST" else journey.code_page(flow)


@bp.post("/send-again")
def send_again() -> Page:
    return journey.send_again(flow)


@bp.get("/message-status")
def message_status() -> Page:
    return journey.message_status(flow)
