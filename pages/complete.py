"""What an account still lacks: /complete and below."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for

from flows import complete as flow
from flows import offer
from flows.new_password import is_alone, shortest_of
from flows.outcomes import Refused
from pages.forms import NameForm, TicketForm
from pages.journey import Page
from pages.proof import fresh_proof_required
from pages.visitor import account_session, landing, services, signed_in_even_if_pending, visitor
from pages.words import sentence, status

bp = Blueprint("complete", __name__, url_prefix="/complete")

# Where each missing thing is asked for.
PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "terms": ("complete.terms", {}),
    "username": ("complete.username", {}),
    "password": ("complete.password", {}),
    "phone": ("contacts.add", {"which": "phones"}),
    "email": ("contacts.add", {"which": "emails"}),
    "second_factor": ("enrol.choose", {}),
}


@bp.get("")
@signed_in_even_if_pending
def what_next() -> Page:
    """Leads to the first thing that is missing; nothing is, then to the page that says so."""
    missing = flow.what_next(services(), account_session())
    if missing is None:
        return render_template("complete/done.html")
    endpoint, values = PAGES[missing]
    return redirect(url_for(endpoint, **values), 303)


@bp.post("")
@signed_in_even_if_pending
def finish() -> Page:
    return onward()


def onward() -> Page:
    """After a step: to the next missing thing, or into the account where that was the last."""
    if flow.what_next(services(), account_session()) is not None:
        return redirect(url_for("complete.what_next"), 303)
    flow.finish(services(), account_session())
    return redirect(landing(offer=offer.is_due(services(), account_session())), 303)


@bp.post("/later")
@signed_in_even_if_pending
def later() -> Page:
    outcome = flow.later(services(), visitor(), account_session())
    return redirect(url_for("complete.what_next"), 303) if isinstance(outcome, Refused) else onward()


@bp.route("/terms", methods=["GET", "POST"])
@signed_in_even_if_pending
def terms() -> Page:
    settings = services().settings().sign_up
    if request.method == "POST":
        TicketForm()
        flow.agree(services(), account_session())
        return onward()
    return render_template("complete/terms.html", terms_url=settings.terms_url, privacy_url=settings.privacy_url)


@bp.route("/username", methods=["GET", "POST"])
@signed_in_even_if_pending
def username() -> Page:
    form = NameForm()
    if not flow.lacks(services(), account_session(), "username"):
        return redirect(url_for("complete.what_next"), 303)
    if request.method == "GET":
        return render_template("complete/username.html", form=form)
    outcome = flow.choose_name(services(), account_session(), form.username.data or "")
    if isinstance(outcome, Refused):
        form.refuse("username", sentence(outcome))
        return render_template("complete/username.html", form=form), status(outcome)
    return onward()


@bp.route("/password", methods=["GET", "POST"])
@signed_in_even_if_pending
@fresh_proof_required
def password() -> Page:
    form = NameForm()
    if not flow.lacks(services(), account_session(), "password"):
        return redirect(url_for("complete.what_next"), 303)
    if request.method == "GET":
        return _password_page(form)
    outcome = flow.choose_password(services(), visitor(), account_session(), form.new_password.data or "")
    if isinstance(outcome, Refused):
        form.refuse("new_password", sentence(outcome))
        return _password_page(form), status(outcome)
    return onward()


def _password_page(form: NameForm) -> str:
    shortest = shortest_of(services(), alone=is_alone(services()))
    return render_template("complete/password.html", form=form, shortest=shortest)
