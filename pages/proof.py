"""A fresh proof before anything sensitive: /account/prove and below, and the guard that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Blueprint, Response, redirect, render_template, request, session, url_for

from flows import passkeys
from flows import proof as flow
from flows.outcomes import Done, Refused
from flows.place import Place
from pages import challenge
from pages.forms import CodeForm, FactorForm
from pages.journey import Page, place_number, shown
from pages.mfa import options_reply
from pages.visitor import account_session, services, signed_in_even_if_pending, visitor
from pages.words import sentence, status

bp = Blueprint("proof", __name__, url_prefix="/account/prove")

LONGEST_QUERY = 100  # characters: a ticket, and the request of an application

P = ParamSpec("P")
R = TypeVar("R")


def fresh_proof_required(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Who has not shown lately who they are does so first, and comes back to the page. Goes below the sign-in guard."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if flow.is_fresh(services(), account_session()):
            return view(*args, **kwargs)
        session["after_proof"] = _here()
        return redirect(url_for("proof.choose"), 303)

    return guarded


def _here() -> str:
    """Our own path, never one that was sent to us; of what a link asks for, as much as ours do.

    A form's page comes back empty, but for the application's request that it is for.
    """
    if request.method != "GET":
        return url_for(request.endpoint or "", **(request.view_args or {}))
    return request.full_path if 0 < len(request.query_string) <= LONGEST_QUERY else request.path


def _onward() -> Page:
    return redirect(session.pop("after_proof", None) or url_for("account.overview"), 303)


@bp.get("")
@signed_in_even_if_pending
def choose() -> Page:
    if flow.is_fresh(services(), account_session()):
        return redirect(session.get("after_proof") or url_for("account.overview"), 303)
    return _choose_page(FactorForm(formdata=None))


def _choose_page(form: FactorForm, problem: str = "") -> str:
    ways = flow.ways(services(), account_session())
    passkey_site = passkeys.site(services()).id
    return render_template("account/prove.html", form=form, ways=ways, problem=problem, passkey_site=passkey_site)


@bp.post("/password")
@signed_in_even_if_pending
def check_password() -> Page:
    form = FactorForm()
    return _checked(form, "password", flow.check_password(services(), account_session(), form.password.data or ""))


def _checked(form: FactorForm, field: str, outcome: Done | Refused) -> Page:
    if isinstance(outcome, Refused):
        form.refuse(field, sentence(outcome, field))
        return _choose_page(form), status(outcome)
    return _onward()


@bp.post("/app")
@signed_in_even_if_pending
def check_app() -> Page:
    form = FactorForm()
    return _checked(form, "code", flow.check_app(services(), account_session(), form.code.data or ""))


@bp.post("/passkey")
@signed_in_even_if_pending
def check_passkey() -> Page:
    form = FactorForm()
    answer = (form.asked.data or "", form.credential.data or "")
    return _checked(form, "credential", passkeys.check_proof(services(), visitor(), account_session(), *answer))


@bp.post("/passkey/ask")
@signed_in_even_if_pending
def ask_passkey() -> Page:
    return options_reply(passkeys.ask_to_prove(services(), visitor(), account_session()))


@bp.post("/send")
@signed_in_even_if_pending
def send_code() -> Page:
    number = place_number(request.form.get("place"))
    outcome = flow.send_code(services(), visitor(), account_session(), number)
    if isinstance(outcome, Refused):
        if outcome.reason == "challenge":
            return challenge.asked(outcome)
        return _choose_page(FactorForm(formdata=None), sentence(outcome)), status(outcome)
    return redirect(url_for("proof.check_code", ticket=outcome.ticket), 303)


@bp.route("/code", methods=["GET", "POST"])
@signed_in_even_if_pending
def check_code() -> Page:
    form = CodeForm()
    ticket = request.args.get("ticket", "") or form.ticket.data or ""
    place = flow.code_page(services(), visitor(), ticket)
    if place is None or not place.live:
        return redirect(url_for("proof.choose"), 303)
    if request.method == "GET":
        return _code_page(CodeForm(formdata=None), place)
    outcome = flow.check_code(services(), visitor(), account_session(), ticket, form.code.data or "")
    if not isinstance(outcome, Refused):
        return _onward()
    form.refuse("code", sentence(outcome, place.kind))
    return _code_page(form, place), status(outcome)


def _code_page(form: CodeForm, place: Place) -> str:
    return render_template(
        "account/code.html",
        form=form,
        **shown(place),
        here=url_for("proof.check_code", ticket=place.ticket),
        send_to=url_for("proof.check_code"),
        again_to=url_for("proof.send_again"),
        back_to=url_for("proof.choose"),
    )


@bp.post("/send-again")
@signed_in_even_if_pending
def send_again() -> Page:
    form = CodeForm()
    outcome = flow.send_again(services(), visitor(), account_session(), form.ticket.data or "")
    if not isinstance(outcome, Refused):
        return redirect(url_for("proof.check_code", ticket=outcome.ticket), 303)
    if outcome.reason == "challenge":
        return challenge.asked(outcome)
    place = flow.code_page(services(), visitor(), form.ticket.data or "")
    if place is None or not place.live:
        return redirect(url_for("proof.choose"), 303)
    form.refuse("code", sentence(outcome, place.kind))
    return _code_page(form, place), status(outcome)
