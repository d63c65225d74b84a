"""Into the console and out: the first visit by the one-time link, signing in, the authenticator app."""

from __future__ import annotations

from flask import redirect, render_template, request, session, url_for

from flows import admin_password, admin_setup, admin_sign_in
from flows.outcomes import Refused
from pages.console.frame import bp, rooms
from pages.forms import AdminForm, OwnPasswordForm, SetupForm, TotpForm
from pages.journey import Page
from pages.qr import picture
from pages.visitor import CONSOLE_COOKIE, admin, enter, leave, services, token, visitor
from pages.words import headers, sentence, status

NAME_REASONS = ("bad_name",)


@bp.get("/")
def front() -> Page:
    """The first room that the admin's role opens."""
    return redirect(url_for(f"console.{rooms()[0][0]}"), 302)


@bp.route("/setup", methods=["GET", "POST"])
def setup() -> Page:
    """The first admin. The link's key is in the query: it is good once, for a day, and only while there is no admin."""
    form = SetupForm()
    key = request.args.get("key", "") or form.key.data or ""
    if not admin_setup.open_link(services(), key):
        return render_template("console/link_over.html"), 404
    if not form.validate_on_submit():
        return render_template("console/setup.html", form=form, key=key)
    outcome = admin_setup.create(services(), visitor(), key, form.name.data or "", form.password.data or "")
    if isinstance(outcome, Refused):
        form.refuse("name" if outcome.reason in NAME_REASONS else "password", sentence(outcome))
        return render_template("console/setup.html", form=form, key=key), status(outcome)
    return enter(outcome, url_for("console.totp_setup"), CONSOLE_COOKIE)


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Page:
    if request.method == "GET" and admin():
        return redirect(url_for("console.front"), 303)
    form = AdminForm()
    if not form.validate_on_submit():
        return render_template("console/sign_in.html", form=form)
    name, password, code = (form.name.data or "", form.password.data or "", form.code.data or "")
    outcome = admin_sign_in.start(services(), visitor(), name, password, code)
    if isinstance(outcome, Refused):
        form.refuse("name", sentence(outcome))
        return render_template("console/sign_in.html", form=form), status(outcome), headers(outcome)
    return enter(outcome, url_for("console.front"), CONSOLE_COOKIE)


@bp.post("/sign-out")
def sign_out() -> Page:
    if token(CONSOLE_COOKIE):
        admin_sign_in.sign_out(services(), token(CONSOLE_COOKIE))
    return leave(url_for("console.sign_in"), CONSOLE_COOKIE)


@bp.route("/totp-setup", methods=["GET", "POST"])
def totp_setup() -> Page:
    """An authenticator app for the admin who is signed in. Can be put off in development, never in production."""
    if admin() is None or admin().totp_key:
        return redirect(url_for("console.sign_in"), 303)
    form = TotpForm()
    may_skip = not services().environment.production
    if form.validate_on_submit() and form.action.data == "skip" and may_skip:
        return redirect(url_for("console.front"), 303)
    key = session.setdefault("totp_key", admin_setup.new_totp_key())
    if not form.is_submitted():
        return _totp_page(form, key, may_skip=may_skip)
    outcome = admin_setup.enrol_totp(services(), admin(), key, form.code.data or "")
    if isinstance(outcome, Refused):
        form.refuse("code", sentence(outcome))
        return _totp_page(form, key, may_skip=may_skip), status(outcome)
    session.pop("totp_key")
    return redirect(url_for("console.front"), 303)


@bp.route("/own-password", methods=["GET", "POST"])
def own_password() -> Page:
    form = OwnPasswordForm()
    if not form.validate_on_submit():
        return render_template("console/own_password.html", form=form, told=session.pop("told", ""))
    outcome = admin_password.change(
        services(), visitor(), admin(), form.password.data or "", form.new_password.data or ""
    )
    if isinstance(outcome, Refused):
        form.refuse("new_password" if outcome.reason.startswith("password_") else "password", sentence(outcome))
        return render_template("console/own_password.html", form=form), status(outcome), headers(outcome)
    response = enter(outcome, url_for("console.own_password"), CONSOLE_COOKIE)
    session["told"] = "password_changed"
    return response


def _totp_page(form: TotpForm, key: str, *, may_skip: bool) -> str:
    qr = picture(admin_setup.totp_uri(services(), key, admin()))
    return render_template("console/totp_setup.html", form=form, qr=qr, key=key, may_skip=may_skip)
