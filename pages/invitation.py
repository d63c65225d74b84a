"""The link of an invitation, and accepting it: /i/<secret> and /invitation below."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for

from flows import invitation as flow
from flows.outcomes import Done, Next, Refused
from flows.place import Place
from pages import challenge, policy
from pages.forms import CodeForm, TicketForm
from pages.journey import OVER, Page, shown
from pages.visitor import account_session, enter, services, visitor
from pages.words import headers, sentence, status

bp = Blueprint("invitation", __name__)


@bp.get("/i/<secret>")
def open_link(secret: str) -> Page:
    """Who invites, and to what? It changes nothing: previewers open links too."""
    return _page(secret)


@bp.post("/i/<secret>")
def start(secret: str) -> Page:
    outcome = flow.start(services(), visitor(), account_session(), secret)
    if isinstance(outcome, Refused) and outcome.reason == "challenge":
        place = flow.keep_place(services(), visitor(), secret)  # so that what is kept for later holds no secret
        if isinstance(place, Next):
            return challenge.asked(outcome, url_for("invitation.send_code"), {"ticket": place.ticket})
    if isinstance(outcome, Refused):
        return _page(secret, outcome)
    return redirect(url_for("invitation.check_code", ticket=outcome.ticket), 303)


def _page(secret: str, refused: Refused | None = None) -> Page:
    opened = flow.open_link(services(), account_session(), secret)
    if opened is None or opened.state != "open":
        return render_template("invitation/over.html", invitation=opened), 404 if opened is None else 410
    policy.show_picture(opened.organization.settings.logo_url)
    page = render_template(
        "invitation/open.html",
        mark=opened.organization.settings,
        invitation=opened,
        organization=opened.organization.settings,
        left=timedelta(seconds=max(60, opened.expires_at - services().clock())),
        secret=secret,
        problem=sentence(refused, opened.kind) if refused else "",
    )
    return (page, status(refused), headers(refused)) if refused else page


@bp.get("/invitation/ask")
def ask() -> Page:
    """Before the first code, for who comes back from a challenge without having solved it."""
    return _ask_page(request.args.get("ticket", ""))


def _ask_page(ticket: str, refused: Refused | None = None) -> Page:
    place = flow.code_page(services(), visitor(), ticket)
    if place is None or not place.live:
        return _gone()
    if place.sent:
        return redirect(url_for("invitation.check_code", ticket=place.ticket), 303)
    problem = sentence(refused, place.kind) if refused else ""
    page = render_template(
        "invitation/ask.html", ticket=place.ticket, kind=place.kind, hint=place.hint, problem=problem
    )
    return (page, status(refused), headers(refused)) if refused else page


@bp.post("/invitation/send")
def send_code() -> Page:
    ticket = TicketForm().ticket.data or ""
    outcome = flow.send_again(services(), visitor(), ticket)
    if isinstance(outcome, Refused):
        return challenge.asked(outcome) if outcome.reason == "challenge" else _ask_page(ticket, outcome)
    return redirect(url_for("invitation.check_code", ticket=outcome.ticket), 303)


@bp.route("/invitation/code", methods=["GET", "POST"])
def check_code() -> Page:
    form = CodeForm()
    ticket = request.args.get("ticket", "") or form.ticket.data or ""
    if request.method == "GET":
        place = flow.code_page(services(), visitor(), ticket)
        if place is None or not place.live:
            return _gone()
        return _code_page(CodeForm(formdata=None), place)
    if not form.validate():
        return _refused(form, ticket, Refused("no_code"))
    outcome = flow.check_code(services(), visitor(), account_session(), ticket, form.code.data or "")
    if isinstance(outcome, Refused):
        return _refused(form, ticket, outcome)
    if isinstance(outcome, Next):
        return redirect(url_for("mfa.choose", ticket=outcome.ticket), 303)
    there = url_for("memberships.list_mine")
    return redirect(there, 303) if isinstance(outcome, Done) else enter(outcome, there)


def _gone() -> Page:
    """Its code was used, or took too long: whoever is in sees where they belong."""
    if account_session():
        return redirect(url_for("memberships.list_mine"), 303)
    return render_template("invitation/over.html", invitation=None), 410


def _refused(form: CodeForm, ticket: str, refused: Refused) -> Page:
    place = flow.code_page(services(), visitor(), ticket)
    if place is None or (refused.reason in OVER and refused.reason != "too_many_tries"):
        return _gone()
    if not form.code.errors:
        form.refuse("code", sentence(refused, place.kind))
    tries_left = refused.values.get("tries_left")
    return _code_page(form, place, tries_left), status(refused), headers(refused)


@bp.post("/invitation/send-again")
def send_again() -> Page:
    form = TicketForm()
    ticket = form.ticket.data or ""
    outcome = flow.send_again(services(), visitor(), ticket)
    if isinstance(outcome, Refused) and outcome.reason == "challenge":
        return challenge.asked(outcome)
    if isinstance(outcome, Refused):
        return _refused(CodeForm(code=""), ticket, outcome)
    return redirect(url_for("invitation.check_code", ticket=outcome.ticket), 303)


@bp.get("/invitation")
def not_mine() -> Page:
    """The number that was invited is not the visitor's."""
    return render_template("invitation/not_mine.html")


def _code_page(form: CodeForm, place: Place, tries_left: int | None = None) -> str:
    return render_template(
        "invitation/code.html",
        form=form,
        **shown(place),
        tries_left=tries_left,
        send_to=url_for("invitation.check_code"),
        again_to=url_for("invitation.send_again"),
        back_to=url_for("invitation.not_mine"),
        typed_there=True,
    )
