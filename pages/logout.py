"""Signing out at an application's wish: /oauth/logout, and the page that asks."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for

from oidc import logout
from oidc.authorization_request import PageError
from oidc.logout import SignOut
from pages.journey import Page
from pages.openid import problem
from pages.visitor import account_session, leave, services

bp = Blueprint("logout", __name__)

CARRIED = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@bp.route("/oauth/logout", methods=["GET", "POST"])
def end_session() -> Page:
    """With an ID token of the session as proof it ends at once; otherwise the person is asked.

    A form of another site brings no cookie (SameSite=Lax), so nobody seems to be signed in: it goes on as a link.
    """
    values = request.form if request.method == "POST" else request.args
    try:
        wanted = logout.read(services(), {name: values.getlist(name) for name in values}, account_session())
    except PageError as error:
        return problem(error)
    carried = {name: values[name] for name in CARRIED if name in values}
    if request.method == "POST" and not wanted.proved:
        return redirect(url_for("logout.end_session", **carried), 303)
    if wanted.proved or account_session() is None:
        return _end(wanted)
    return render_template("openid/sign_out.html", client=wanted.client, carried=carried)


@bp.post("/openid/sign-out")
def sign_out() -> Page:
    """The person says yes."""
    lists = {name: request.form.getlist(name) for name in CARRIED if name in request.form}
    try:
        return _end(logout.read(services(), lists, account_session()))
    except PageError as error:
        return problem(error)


def _end(wanted: SignOut) -> Page:
    logout.finish(services(), wanted, account_session())
    target = wanted.target or url_for("account.signed_out")
    return leave(target) if account_session() or wanted.proved else redirect(target, 303)
