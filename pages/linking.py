"""Whose account is it, for who came from another provider: /linking and below."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for

from flows import linking as flow
from flows import linking_password, passkeys
from flows.outcomes import Next, Refused, SignedIn
from flows.place import Place
from pages import challenge, journey
from pages.forms import CodeForm, FactorForm, PasswordForm, TicketForm
from pages.journey import Page, shown
from pages.mfa import options_reply
from pages.visitor import account_session, services, visitor
from pages.words import headers, sentence, status

bp = Blueprint("linking", __name__, url_prefix="/linking")


@bp.get("/ask")
def ask() -> Page:
    return _ask_page(request.args.get("ticket", ""))


def _ask_page(ticket: str, refused: Refused | None = None, field: str = "") -> Page:
    """``field``: the box that the refusal is about, "" for none."""
    question, form = flow.ask(services(), visitor(), ticket), PasswordForm(formdata=None)
    if question is None:
        return redirect(url_for("account.overview" if account_session() else "sign_in.start"), 303)
    problem = sentence(refused, field or question.kind) if refused else ""
    if field:
        form.refuse(field, problem)
    page = render_template(
        "linking/ask.html",
        question=question,
        form=form,
        ticket=ticket,
        problem="" if field else problem,
        password=linking_password.is_a_way(services()),
        passkey=services().sign_in().passkey,
        passkey_site=passkeys.site(services()).id,
    )
    return (page, status(refused), headers(refused)) if refused else page


@bp.post("/send")
def send_code() -> Page:
    form = TicketForm()
    return _answer(form.ticket.data or "", flow.send_code(services(), visitor(), form.ticket.data or ""))


@bp.post("/password")
def check_password() -> Page:
    form = PasswordForm()
    ticket, typed = form.ticket.data or "", form.password.data or ""
    return _answer(ticket, linking_password.check_password(services(), visitor(), ticket, typed), "password")


@bp.post("/passkey/ask")
def ask_passkey() -> Page:
    return options_reply(passkeys.ask_to_link(services(), visitor(), FactorForm().ticket.data or ""))


@bp.post("/passkey")
def check_passkey() -> Page:
    form = FactorForm()
    ticket, asked, answer = form.ticket.data or "", form.asked.data or "", form.credential.data or ""
    return _answer(ticket, passkeys.check_to_link(services(), visitor(), ticket, asked, answer))


@bp.post("/separate")
def separate() -> Page:
    form = TicketForm()
    return _answer(form.ticket.data or "", flow.separate(services(), visitor(), form.ticket.data or ""))


def _answer(ticket: str, outcome: SignedIn | Next | Refused, field: str = "") -> Page:
    if isinstance(outcome, Refused) and outcome.reason == "challenge":
        return challenge.asked(outcome)
    if isinstance(outcome, Refused):
        return _ask_page(ticket, outcome, field)
    return journey.answer(flow, CodeForm(formdata=None), outcome)


@bp.route("/code", methods=["GET", "POST"])
def check_code() -> Page:
    form = CodeForm()
    ticket = request.args.get("ticket", "") or form.ticket.data or ""
    place = flow.code_page(services(), visitor(), ticket)
    if place is None or not place.live or not place.sent:
        return redirect(url_for("account.overview" if account_session() else "sign_in.start"), 303)
    if request.method == "GET":
        return _code_page(CodeForm(formdata=None), place)
    return _checked(form, place, flow.check_code(services(), visitor(), ticket, form.code.data or ""))


@bp.post("/send-again")
def send_again() -> Page:
    form = CodeForm()
    place = flow.code_page(services(), visitor(), form.ticket.data or "")
    if place is None or not place.live:
        return redirect(url_for("sign_in.start"), 303)
    return _checked(form, place, flow.send_again(services(), visitor(), place.ticket))


def _checked(form: CodeForm, place: Place, outcome: SignedIn | Next | Refused) -> Page:
    if not isinstance(outcome, Refused):
        return journey.answer(flow, CodeForm(formdata=None), outcome)
    if outcome.reason == "challenge":
        return challenge.asked(outcome)
    form.refuse("code", sentence(outcome, place.kind))
    return _code_page(form, place, outcome.values.get("tries_left")), status(outcome)


def _code_page(form: CodeForm, place: Place, tries_left: int | None = None) -> str:
    return render_template(
        "linking/code.html",
        form=form,
        **shown(place),
        tries_left=tries_left,
        send_to=url_for("linking.check_code"),
        again_to=url_for("linking.send_again"),
        back_to=url_for("linking.ask", ticket=place.ticket),
    )
