"""The pages of OpenID: where applications send people, the page of consent, and what waits in other pages' addresses.

Pages of a journey carry the id of the request that they are for (``request_id``). Every address that they build carries
it on, so that no page has to know of it.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from flows import clients
from oidc import authorization, organization
from oidc.authorization import Answer, Ask
from oidc.authorization_request import PageError
from pages import embedding, policy
from pages.journey import Page
from pages.scope_words import words_of
from pages.visitor import account_session, cookie_name, cookie_options, framed, network, services
from settings.sections import LANGUAGES

bp = Blueprint("openid", __name__)

BROWSER_COOKIE = "doorcode_openid"  # outlives signing in, which clears all else
WITHOUT_REQUEST = (
    "static",
    "console.",
    "embedding.",
    "gate.",
    "dev.",
    "front.",
    "oidc.",
    "openid.",
    "receipts.",
    "logout.",
    "device.",
)
SIGNING_IN = ("sign_in", "sign_up", "forgot_password", "mfa", "upstream", "linking")
STEPS = {
    "sign_in": "sign_in.start",
    "sign_up": "sign_up.start",
    "forgot_password": "forgot_password.start",
    "complete": "complete.what_next",
    "consent": "openid.consent",
    "organization": "organization.choose",
}
PROBLEMS = {
    "no_client": (_l("We do not know this application"), _l("The link that brought you here names none that we know.")),
    "wrong_redirect": (
        _l("This application cannot be opened"),
        _l("The address that it wants you to come back to is not one of its own. Tell whoever runs it."),
    ),
    "repeated": (
        _l("We could not read that"),
        _l("The link that brought you here says something twice, or far too much."),
    ),
    "wrong_logout": (
        _l("You were not signed out"),
        _l("The address that the application wants you to go to is not one of its own. Tell whoever runs it."),
    ),
    "wrong_hint": (
        _l("You were not signed out"),
        _l("The application did not say properly whom it means. Sign out on your account page."),
    ),
    "no_frame": (
        _l("This page cannot be shown here"),
        _l("The application shows it in a frame on a site that is not one of its own. Tell whoever runs it."),
    ),
    "too_many_codes": (_l("Too many tries"), _l("Too many codes were typed from your network. Try again in an hour.")),
    "too_many": (_l("Too many tries"), _l("Many requests came from your network. Try again in two minutes.")),
    "over": (
        _l("That took too long"),
        _l("Go back to the application and sign in there once more. Nothing is lost."),
    ),
}


def prepare(app: Flask) -> None:
    app.before_request(go_on)
    app.after_request(policy.allow_application)
    app.url_defaults(carry_request)
    app.context_processor(lambda: {"waiting": waiting()})


def carry_request(endpoint: str, values: dict[str, Any]) -> None:
    if not endpoint.startswith(WITHOUT_REQUEST) and request and "request_id" in request.args:
        values.setdefault("request_id", request.args["request_id"])


def waiting() -> Any:
    """The authorization request that this page is for, or None."""
    if "waiting" not in g:
        g.waiting = None  # also where the database is away, and the page that says so asks once more
        request_id = request.args.get("request_id", "")
        g.waiting = authorization.waiting(services(), request_id, _browser(), account_session()) if request_id else None
    return g.waiting


def _browser() -> str:
    if framed():
        return request.cookies.get(embedding.frame_cookie(request.args.get("request_id", "")), "")
    return request.cookies.get(cookie_name(BROWSER_COOKIE), "")


def new_browser() -> str:
    """The browser's secret, or one for a browser that has none."""
    return _browser() or secrets.token_urlsafe(32)


def go_on() -> Page | None:
    """Who would see their account goes back to the application; who has to sign in again is a stranger until then."""
    if request.endpoint == "static":
        return None
    if not waiting():
        return _home()
    client = waiting().client
    embedding.serve(waiting().origin, framed=waiting().framed and framed(), by_message=waiting().by_message)
    narrowed = organization.narrowed(services(), client, waiting().organization, waiting().policy)
    g.services = replace(narrowed, stays=framed())
    if request.endpoint == "account.overview" and request.method == "GET":
        return redirect(url_for("openid.authorize", request_id=waiting().id), 303)
    if request.blueprint in SIGNING_IN and waiting().again:
        g.account_session = None
    return None


def _home() -> Page | None:
    """To the first page of the application whose request it was: Back, or a bookmark, leads there and not astray."""
    if request.endpoint != "account.overview" or request.method != "GET" or "request_id" not in request.args:
        return None
    client = _ended()
    home = client.settings.home_url if client else ""
    return redirect(home, 303) if home else None


def _ended() -> Any:
    """The application whose request this page was for, where it waits no more; or None."""
    return authorization.ended(services(), request.args.get("request_id", ""), _browser())


@bp.route("/oauth/authorize", methods=["GET", "POST"])
def authorize() -> Page:
    """An application's request, by link or by form; or, with the id of one that waits, its continuation."""
    try:
        if request.method == "GET" and "request_id" in request.args:
            outcome = authorization.resume(services(), request.args["request_id"], _browser(), account_session())
            return go(outcome)
        values = request.form if request.method == "POST" else request.args
        lists = {name: values.getlist(name) for name in values}
        if request.method == "POST":
            link = authorization.push(services(), lists, network())
            display = {"display": "frame"} if values.get("display") == "frame" else {}
            return redirect(url_for("openid.authorize", **link, **display), 303)
        browser = new_browser()
        outcome = authorization.begin(services(), lists, browser, account_session(), network())
        return _begun(outcome, browser) if isinstance(outcome, Ask) else go(outcome)
    except PageError as error:
        return problem(error)


def _begun(outcome: Ask, browser: str) -> Response:
    g.framed = outcome.framed and framed()  # what was pushed ahead counts, and not what stands in the address
    found = authorization.waiting(services(), outcome.request_id, browser, account_session())
    if found:
        embedding.serve(found.origin, framed=found.framed and framed(), by_message=found.by_message)
    name = embedding.frame_cookie(outcome.request_id) if framed() else ""
    return remember(go(outcome), browser, name)


def go(outcome: Answer | Ask) -> Response:
    if isinstance(outcome, Answer) and outcome.message:
        embedding.serve(outcome.origin, framed=outcome.framed and framed(), by_message=True)
        page = render_template("openid/answer.html", origin=outcome.origin, answer=outcome.message)
        return make_response(page)
    if isinstance(outcome, Answer):
        embedding.serve(policy.origin(outcome.url), framed=outcome.framed and framed(), by_message=False)
        return redirect(outcome.url or url_for("device.done"), 303)
    _speak(outcome.locales)
    return redirect(url_for(STEPS[outcome.step], request_id=outcome.request_id), 303)


def _speak(locales: str) -> None:
    """The first language of ``ui_locales`` that we have, unless the person has chosen one."""
    known = [code for code, _name in LANGUAGES]
    chosen = next((tag.partition("-")[0] for tag in locales.split() if tag.partition("-")[0] in known), None)
    if chosen and "language" not in session:
        session["language"] = chosen


def remember(response: Response, browser: str, name: str = "") -> Response:
    """The browser's secret, to which its waiting requests belong."""
    response.set_cookie(name or cookie_name(BROWSER_COOKIE), browser, **cookie_options())
    return response


def problem(error: PageError) -> Page:
    heading, text = PROBLEMS[error.reason]
    client, home = error.client, error.client.settings.home_url if error.client else ""
    if client is None:
        client = _ended()
        home = clients.home_of(client) if client else ""
    action = (gettext("Go to %(name)s", name=client.settings.name), home) if home else None
    return render_template("errors/page.html", heading=heading, text=text, action=action), 400


@bp.route("/openid/consent", methods=["GET", "POST"])
def consent() -> Page:
    """May the application know this? POST says yes; no is the way back that every page has."""
    if waiting() is None:
        return problem(PageError("over"))
    if account_session() is None:
        return redirect(url_for("sign_in.start", request_id=waiting().id), 303)
    if request.method == "POST":
        try:
            return go(authorization.consent(services(), waiting().id, _browser(), account_session()))
        except PageError as error:
            return problem(error)
    client = waiting().client.settings
    return render_template("openid/consent.html", client=client, words=words_of(client.account_api, waiting().scope))


@bp.post("/openid/back")
def back() -> Page:
    """Back to the application, without having signed in."""
    try:
        return go(authorization.refuse(services(), request.args.get("request_id", ""), _browser()))
    except PageError as error:
        return problem(error)


@bp.get("/oauth/colour/<client_id>.css")
def colour(client_id: str) -> Page:
    """The application's own colour, as a style sheet: no page may hold styles."""
    colours = clients.button_colours(services(), client_id)
    if colours is None:
        abort(404)
    day, dark = (f":root{{--brand:{each};--brand-hover:{each};--on-brand:{text}}}" for each, text in colours)
    return Response(f"{day}@media(prefers-color-scheme:dark){{{dark}}}", mimetype="text/css")
