"""Sign up: /sign-up and below. A function a button, named like the flow's step."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for

from flows import sign_up as flow
from pages import journey
from pages.journey import Page
from pages.visitor import account_session, services

bp = Blueprint("sign_up", __name__, url_prefix="/sign-up")


@bp.route("", methods=["GET", "POST"])
def start() -> Page:
    if request.method == "GET" and account_session():
        return redirect(url_for("account.overview"), 303)
    if not services().settings().sign_up.enabled:
        return render_template("sign_up/closed.html"), 403
    return journey.start(flow)


@bp.route("/code", methods=["GET", "POST"])
def check_code() -> Page:
    return journey.check_code(flow) if request.method == "POST" else journey.code_page(flow)


@bp.post("/send-again")
def send_again() -> Page:
    return journey.send_again(flow)


@bp.get("/message-status")
def message_status() -> Page:
    return journey.message_status(flow)
