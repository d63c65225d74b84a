"""One's own numbers and e-mail addresses: /account/phones and /account/emails, drawn and served alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import get_locale

from flows import contacts as flow
from flows.outcomes import Done, Next, Refused
from flows.place import Place
from pages import challenge
from pages.complete import onward
from pages.countries import option_elements, suggested
from pages.forms import CodeForm, IdentifierForm
from pages.journey import Page, shown
from pages.proof import fresh_proof_required
from pages.visitor import account_session, services, signed_in_even_if_pending, signed_in_only, visitor
from pages.words import sentence, status

bp = Blueprint("contacts", __name__, url_prefix="/account/<any(phones, emails):which>")

KINDS = {"phones": "phone", "emails": "email"}
ACTIONS: dict[str, Callable[..., Done | Next | Refused]] = {"remove": flow.remove, "prove": flow.prove}


@bp.get("")
@signed_in_only
def overview(which: str) -> Page:
    return _list(which)


@bp.post("")
@signed_in_only
@fresh_proof_required
def change(which: str) -> Page:
    """One of the actions on one of the list, which is named by its id: the list may have changed since it was shown."""
    act = ACTIONS.get(request.form.get("action", ""), flow.make_main)
    outcome = act(services(), visitor(), account_session(), KINDS[which], request.form.get("place", ""))
    if isinstance(outcome, Refused):
        if outcome.reason == "challenge":
            return challenge.asked(outcome)
        return _list(which, sentence(outcome)), status(outcome)
    if isinstance(outcome, Next):
        return redirect(url_for("contacts.check_code", which=which, ticket=outcome.ticket), 303)
    return redirect(url_for("contacts.overview", which=which), 303)


def _list(which: str, problem: str = "") -> str:
    permission = flow.permission(services(), KINDS[which])
    if permission == "off":
        abort(404)
    mine = flow.own(services(), account_session(), KINDS[which])
    return render_template(
        "account/contacts.html",
        kind=KINDS[which],
        which=which,
        contacts=[(each, _day(each.leaves_at)) for each in mine],
        editable=permission == "edit",
        problem=problem,
    )


def _day(at: float | None) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


@bp.route("/add", methods=["GET", "POST"])
@signed_in_even_if_pending
@fresh_proof_required
def add(which: str) -> Page:
    """Also for those whose account lacks one that is required. ``replaces``: the id of the one that goes."""
    kind, form = KINDS[which], IdentifierForm()
    if request.method == "GET":
        return _add_page(which, IdentifierForm(formdata=None))
    typed = (form.typed, form.country.data or "", _replaced())
    outcome = flow.start(services(), visitor(), account_session(), kind, *typed)
    if isinstance(outcome, Refused):
        if outcome.reason == "challenge":
            return challenge.asked(outcome)
        form.refuse(kind, sentence(outcome, kind))
        return _add_page(which, form), status(outcome)
    return redirect(url_for("contacts.check_code", which=which, ticket=outcome.ticket), 303)


def _replaced() -> str:
    return request.values.get("replaces", "")


def _add_page(which: str, form: IdentifierForm) -> str:
    phones = services().settings().phones
    allowed = None if phones.all_countries else phones.countries
    chosen = form.country.data or phones.default_country or suggested(request.accept_languages.values(), allowed)
    return render_template(
        "account/add.html",
        form=form,
        kinds=[KINDS[which]],
        box=KINDS[which],
        code_first=True,
        country_options=option_elements(str(get_locale()), allowed, chosen),
        action=url_for("contacts.add", which=which, replaces=_replaced() or None),
        back=url_for("contacts.overview", which=which),
        replaces=_replaced(),
        pending=account_session().pending,
    )


@bp.route("/code", methods=["GET", "POST"])
@signed_in_even_if_pending
def check_code(which: str) -> Page:
    kind, form = KINDS[which], CodeForm()
    ticket = request.args.get("ticket", "") or form.ticket.data or ""
    place = flow.code_page(services(), visitor(), kind, ticket)
    if place is None or not place.live:
        return redirect(url_for("contacts.overview", which=which), 303)
    if request.method == "GET":
        return _code_page(which, CodeForm(formdata=None), place)
    outcome = flow.check_code(services(), visitor(), account_session(), kind, ticket, form.code.data or "")
    if not isinstance(outcome, Refused):
        return onward() if account_session().pending else redirect(url_for("contacts.overview", which=which), 303)
    if outcome.reason in ("taken", "taken_still"):
        again = IdentifierForm(formdata=None)
        again.refuse(kind, sentence(outcome))
        return _add_page(which, again), status(outcome)
    form.refuse("code", sentence(outcome, kind))
    return _code_page(which, form, place), status(outcome)


@bp.post("/send-again")
@signed_in_even_if_pending
def send_again(which: str) -> Page:
    kind, form = KINDS[which], CodeForm()
    ticket = form.ticket.data or ""
    outcome = flow.send_again(services(), visitor(), account_session(), kind, ticket)
    if not isinstance(outcome, Refused):
        return redirect(url_for("contacts.check_code", which=which, ticket=outcome.ticket), 303)
    if outcome.reason == "challenge":
        return challenge.asked(outcome)
    place = flow.code_page(services(), visitor(), kind, ticket)
    if place is None or not place.live:
        return redirect(url_for("contacts.overview", which=which), 303)
    form.refuse("code", sentence(outcome, kind))
    return _code_page(which, form, place), status(outcome)


def _code_page(which: str, form: CodeForm, place: Place) -> str:
    return render_template(
        "account/code.html",
        form=form,
        **shown(place),
        here=url_for("contacts.check_code", which=which, ticket=place.ticket),
        send_to=url_for("contacts.check_code", which=which),
        again_to=url_for("contacts.send_again", which=which),
        back_to=url_for("contacts.add", which=which),
        typed_there=True,
    )
