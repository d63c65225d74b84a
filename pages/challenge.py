"""A challenge before a message: /challenge. What was asked for is sent once more when it is solved."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for

from flows import challenge as flow
from flows import one_time_code, sign_in
from flows.challenge import Shown
from flows.outcomes import Refused
from pages.forms import ChallengeForm
from pages.visitor import account_session, services, visitor
from pages.words import headers, sentence, status

bp = Blueprint("challenge", __name__, url_prefix="/challenge")

REPEATED = ("country", "phone", "email", "username", "ticket", "place", "action", "to")  # no password, and no token
ASKED = ("request_id", "replaces")  # of the address: for which application, and in the place of which number
LONGEST = 200  # characters of a field
# Where a button without a page of its own stands.
PAGES = {"send-again": "code", "use-code": "password", "send": ""}
ASKING = {"/linking/send": "/linking/ask", "/invitation/send": "/invitation/ask"}


def asked(refused: Refused, path: str = "", form: dict[str, str] | None = None) -> Any:
    """To the challenge that the guard asks for. The form of this request is kept for afterwards, or another one for
    another path."""
    form = form or {name: request.form[name][:LONGEST] for name in REPEATED if name in request.form}
    asks = urlencode({name: request.args[name][:LONGEST] for name in ASKED if name in request.args})
    path = path or (f"{request.path}?{asks}" if asks else request.path)
    put = flow.put(services(), visitor(), refused.values["effort"], path, form)
    session["challenged"] = True
    return redirect(url_for("challenge.solve", challenge=put.ticket), 303)


@bp.route("", methods=["GET", "POST"])
def solve() -> Any:
    form = ChallengeForm()
    if request.method == "GET":
        return _page(ChallengeForm(formdata=None), request.args.get("challenge", ""))
    found = form.challenge.data or ""
    outcome = flow.solve(services(), visitor(), found, form.altcha.data or "")
    if isinstance(outcome, Refused):
        return _refused(form, outcome)
    shown = flow.page(services(), visitor(), found)
    return redirect(shown.path if shown else "/", 307)  # the browser sends the same form there


@bp.post("/wait")
def wait() -> Any:
    form = ChallengeForm()
    outcome = flow.wait(services(), visitor(), form.challenge.data or "")
    if isinstance(outcome, Refused):
        return _refused(form, outcome)
    return redirect(url_for("challenge.solve", challenge=outcome.ticket), 303)


def _refused(form: ChallengeForm, refused: Refused) -> Any:
    form.refuse("altcha", sentence(refused))
    page = _page(form, form.challenge.data or "")
    return (page, status(refused), headers(refused)) if isinstance(page, str) else page


def _page(form: ChallengeForm, challenge_id: str) -> Any:
    shown = flow.page(services(), visitor(), challenge_id)
    if shown is None:
        return redirect(url_for("account.overview" if account_session() else "sign_in.start"), 303)
    signs_in = urlsplit(shown.path).path == urlsplit(url_for("sign_in.start")).path
    methods = {kind: sign_in.methods(services(), kind) for kind in sign_in.kinds(services())} if signs_in else {}
    return render_template(
        "challenge/solve.html",
        form=form,
        shown=shown,
        back=_page_of(shown),
        has_password=any("password" in found for found in methods.values()),
        has_email="code" in methods.get("email", ()) and one_time_code.can_send(services(), "email"),
    )


def _page_of(shown: Shown) -> str:
    """The page that the form stood on, with the other ways."""
    path, _mark, asks = shown.path.partition("?")
    folder, _slash, last = path.rpartition("/")
    path = ASKING.get(path) or (f"{folder}/{PAGES[last]}".rstrip("/") if last in PAGES else path)
    ticket = shown.form.get("ticket", "")
    asks = "&".join(filter(None, (asks, f"ticket={ticket}" if ticket.isalnum() else "")))
    return f"{path}?{asks}" if asks else path
