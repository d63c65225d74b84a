"""A forgotten password: /forgot-password and below. A function a button, named like the flow's step."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for

from flows import forgot_password as flow
from flows.new_password import is_alone, shortest_of
from flows.outcomes import Next, Refused
from pages import journey
from pages.forms import NewPasswordForm
from pages.journey import Page
from pages.visitor import services, visitor
from pages.words import sentence, status

bp = Blueprint("forgot_password", __name__, url_prefix="/forgot-password")


@bp.route("", methods=["GET", "POST"])
def start() -> Page:
    if not flow.kinds(services()):
        return render_template("forgot_password/closed.html"), 403
    return journey.start(flow)


@bp.route("/code", methods=["GET", "POST"])
def check_code() -> Page:
    if not flow.kinds(services()):
        return redirect(url_for("forgot_password.start"), 303)
    return journey.check_code(flow) if request.method == "POST" else journey.code_page(flow)


@bp.post("/send-again")
def send_again() -> Page:
    if not flow.kinds(services()):
        return redirect(url_for("forgot_password.start"), 303)
    return journey.send_again(flow)


@bp.route("/new", methods=["GET", "POST"])
def new_password() -> Page:
    """The only thing that the code opens. Whoever skipped a step is led back to it."""
    form = NewPasswordForm()
    ticket = request.args.get("ticket", "") or form.ticket.data or ""
    standing = flow.standing(services(), visitor(), ticket)
    if isinstance(standing, Refused):
        return _start_over(standing)
    if standing.step != "new_password":
        return journey.go(flow, standing)
    if request.method == "GET":
        return _new_page(NewPasswordForm(formdata=None, end_sessions=True), standing.ticket)
    if not form.validate():
        return _new_page(form, standing.ticket), 422
    typed, end_sessions = form.new_password.data or "", bool(form.end_sessions.data)
    outcome = flow.new_password(services(), visitor(), standing.ticket, typed, end_sessions=end_sessions)
    if isinstance(outcome, Refused) and outcome.reason.startswith("password"):
        form.refuse("new_password", sentence(outcome))
        return _new_page(form, standing.ticket), status(outcome)
    if isinstance(outcome, Refused):
        return _start_over(outcome)
    if isinstance(outcome, Next):
        return journey.go(flow, outcome)
    session["told"] = "password_changed"
    return redirect(url_for("sign_in.start"), 303)


def _new_page(form: NewPasswordForm, ticket: str) -> str:
    place = flow.code_page(services(), visitor(), ticket)
    shortest = shortest_of(services(), alone=is_alone(services()))
    return render_template("forgot_password/new.html", form=form, ticket=ticket, place=place, shortest=shortest)


def _start_over(refused: Refused) -> Page:
    """GET just leads back; who has typed a password is told why it was not taken."""
    if request.method == "GET" and refused.reason != "suspended":
        return redirect(url_for("forgot_password.start"), 303)
    return render_template("forgot_password/over.html", problem=sentence(refused)), status(refused)
