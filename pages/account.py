"""A person's account: /account and below, and signing out."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for

from flows import account as flow
from flows import sessions
from pages.devices import device_words
from pages.journey import Page
from pages.visitor import account_session, leave, services, signed_in_only, token

bp = Blueprint("account", __name__)


@bp.route("/account", methods=["GET", "POST"])
@signed_in_only
def overview() -> Page:
    """GET shows the number masked; POST, the "show" button, shows it whole."""
    numbers = flow.numbers(services(), account_session())
    return render_template("account/overview.html", numbers=numbers, number_shown=request.method == "POST")


@bp.get("/account/sessions")
@signed_in_only
def list_sessions() -> Page:
    current = account_session()
    listed = [
        {
            "id": each.id,
            "current": each.id == current.id,
            "device": device_words(each.device),
            "created": datetime.fromtimestamp(each.created_at, UTC),
            "address": each.address,
        }
        for each in sessions.list_all(services(), current)
    ]
    return render_template("account/sessions.html", sessions=listed, now=datetime.now(UTC))


@bp.post("/account/sessions")
@signed_in_only
def end_session() -> Page:
    chosen = request.form.get("session", "")
    if chosen == "others":
        sessions.end_others(services(), account_session())
    else:
        sessions.end(services(), account_session(), chosen)
    return redirect(url_for("account.list_sessions"), 303)


@bp.post("/sign-out")
def sign_out() -> Page:
    if token():
        sessions.sign_out(services(), token())
    return leave(url_for("account.signed_out"))


@bp.get("/sign-out")
def signed_out() -> Page:
    """After signing out; a signed-in person who opens it is asked first, for no GET changes anything."""
    if account_session():
        return redirect(url_for("account.overview"), 303)
    return render_template("sign_out/done.html")
