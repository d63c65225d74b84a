"""/device: type the code that a device shows."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext

from oidc import device
from oidc.authorization import Ask
from oidc.authorization_request import PageError
from pages.journey import Page
from pages.openid import go, new_browser, problem, remember
from pages.visitor import services, visitor

bp = Blueprint("device", __name__)


@bp.route("/device", methods=["GET", "POST"])
def enter() -> Page:
    """POST leads to the page of consent, by way of signing in where that is missing."""
    if request.method == "GET":
        return render_template("openid/device.html", typed=request.args.get("user_code", "")[:20], problem=None)
    typed, browser = request.form.get("code", ""), new_browser()
    try:
        request_id = device.enter(services(), visitor(), browser, typed)
    except PageError as error:
        return problem(error)
    if request_id is None:
        words = gettext("No device shows this code now. Look at the device and type it again.")
        return render_template("openid/device.html", typed=typed[:20], problem=words), 422
    return remember(go(Ask("consent", request_id)), browser)


@bp.get("/openid/device-done")
def done() -> Page:
    return render_template("openid/device_done.html")
