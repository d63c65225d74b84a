"""/account/applications: which applications know the person, and the way to end it."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for

from flows import applications as flow
from pages.journey import Page
from pages.scope_words import CHANGE_WORDS, words_of
from pages.visitor import account_session, services, signed_in_only

bp = Blueprint("applications", __name__)


@bp.get("/account/applications")
@signed_in_only
def list_applications() -> Page:
    listed = [
        {
            "id": each.client_id,
            "name": each.name,
            "home_url": each.home_url,
            "words": words_of(each.changes, [scope for scope in CHANGE_WORDS if scope in each.scope]),
            "used": datetime.fromtimestamp(each.used_at, UTC),
        }
        for each in flow.list_mine(services(), account_session())
    ]
    return render_template("account/applications.html", applications=listed, now=datetime.now(UTC))


@bp.post("/account/applications")
@signed_in_only
def revoke() -> Page:
    flow.revoke(services(), account_session(), request.form.get("client", ""))
    return redirect(url_for("applications.list_applications"), 303)
