"""For which organisation does somebody sign in? Asked where an application leaves it open."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for

from oidc import authorization, organization
from oidc.authorization_request import PageError
from pages import openid
from pages.journey import Page
from pages.visitor import account_session, services
from settings.sections import OFFERED

bp = Blueprint("organization", __name__)


@bp.route("/openid/organization", methods=["GET", "POST"])
def choose() -> Page:
    """POST says which one, or that it is for none."""
    waiting, session = openid.waiting(), account_session()
    if waiting is None:
        return openid.problem(PageError("over"))
    if session is None:
        return redirect(url_for("sign_in.start"), 303)
    if request.method == "POST":
        wish = request.form.get("organization", "")
        try:
            browser = openid.new_browser()
            return openid.go(authorization.choose_organization(services(), waiting.id, browser, session, wish))
        except PageError as error:
            return openid.problem(error)
    return render_template(
        "openid/organization.html",
        client=waiting.client.settings,
        members=organization.of_session(services(), session),
        can_do_without=waiting.client.settings.organizations == OFFERED,
        without=organization.WITHOUT,
    )
