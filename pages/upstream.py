"""Sign in and up with an account at another provider: /upstream and below."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for

from flows import upstream as flow
from flows.outcomes import Done, Next, Refused
from flows.upstream import Away
from pages import journey
from pages.forms import CodeForm, TicketForm
from pages.journey import Page
from pages.visitor import account_session, services, visitor
from pages.words import sentence, status

bp = Blueprint("upstream", __name__, url_prefix="/upstream")

BROUGHT_BACK = ("code", "state", "iss", "error")
FLOWS = ("sign_in", "sign_up")


@bp.post("/<name>/start")
def start(name: str) -> Page:
    """The page goes on by itself, or by its link: a form that is redirected to another site meets form-action."""
    TicketForm()
    wanted = request.form.get("flow", "")
    which = wanted if wanted in FLOWS else FLOWS[0]
    return away(flow.start(services(), visitor(), name, which, back=request.args.get("request_id", "")))


def away(outcome: Away | Refused) -> Page:
    if isinstance(outcome, Refused):
        return _refused(outcome)
    return render_template("upstream/start.html", address=outcome.address, title=outcome.title)


@bp.route("/<name>/arrive", methods=["GET", "POST"])
def arrive(name: str) -> Page:
    """The provider sends the browser here, by a link or by a form, which goes on as a link: only that has cookies.

    The application's request comes back with the state, and stands in the address from here on.
    """
    answer = {key: request.values[key] for key in BROUGHT_BACK if request.values.get(key)}
    waiting = answer.get("state", "").partition(".")[2]
    if request.method == "POST" or (waiting and "request_id" not in request.args):
        more = {"request_id": waiting} if waiting else {}
        return redirect(url_for("upstream.arrive", name=name, **answer, **more), 303)
    outcome = flow.arrive(services(), visitor(), account_session(), name, answer)
    if isinstance(outcome, Done):
        return redirect(url_for("linked.overview"), 303)
    if isinstance(outcome, Next) and outcome.step == "ask":
        return redirect(url_for("linking.ask", ticket=outcome.ticket), 303)
    if isinstance(outcome, Refused):
        if outcome.reason == "upstream_late" and account_session():  # Back, or a second click: they are in
            return redirect(url_for("account.overview"), 303)
        return _refused(outcome)
    return journey.answer(flow, CodeForm(formdata=None), outcome)


def _refused(outcome: Refused) -> Page:
    linking = account_session() is not None
    return render_template("upstream/arrive.html", heading=sentence(outcome), linking=linking), status(outcome)
