"""A person's account: /account and below, and signing out."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from flows import account as flow
from flows import sessions, username
from pages.devices import device_words
from pages.journey import Page
from pages.proof import fresh_proof_required
from pages.visitor import account_session, leave, services, signed_in_only, token

bp = Blueprint("account", __name__)

EVENTS = {
    "signed_in": _l("Signed in"),
    "password_set": _l("A password was set"),
    "password_changed": _l("The password was changed"),
    "phone_added": _l("A phone number was added"),
    "phone_main": _l("Another phone number became the main one"),
    "phone_added_by_admin": _l("An admin added a phone number"),
    "email_added_by_admin": _l("An admin added an e-mail address"),
    "phone_removed": _l("A phone number was removed"),
    "phone_replaced": _l("A phone number took the place of another"),
    "phone_claimed": _l("Somebody else has proved a phone number"),
    "phone_released": _l("A phone number left the account: somebody else has it now"),
    "phone_kept": _l("A phone number was proved again"),
    "email_added": _l("An e-mail address was added"),
    "email_main": _l("Another e-mail address became the main one"),
    "email_removed": _l("An e-mail address was removed"),
    "email_replaced": _l("An e-mail address took the place of another"),
    "email_kept": _l("An e-mail address was proved again"),
    "username_changed": _l("The username was changed"),
    "act_confirmed": _l("Confirmed with a code"),
    "factor_added": _l("A second step was added"),
    "factor_removed": _l("A second step was removed"),
    "factor_removed_by_admin": _l("An admin removed a second step"),
    "factor_put_off": _l("Setting up a second step was put off"),
    "factor_renamed": _l("A second step was renamed"),
    "backup_codes_made": _l("New backup codes were made"),
    "browser_trusted": _l("A browser was trusted"),
    "browser_forgotten": _l("A browser is not trusted any more"),
    "upstream_linked": _l("An account at another provider was linked"),
    "upstream_unlinked": _l("An account at another provider was unlinked"),
    "upstream_unlinked_by_admin": _l("An admin unlinked an account at another provider"),
    "upstream_email_changed": _l("Another provider tells a new e-mail address"),
    "backup_code_used": _l("A backup code was used"),
}


@bp.route("/account", methods=["GET", "POST"])
@signed_in_only
def overview() -> Page:
    """GET shows the number masked; POST, the "show" button, shows it whole."""
    numbers = flow.numbers(services(), account_session())
    centre = services().settings().account_centre
    return render_template(
        "account/overview.html",
        numbers=numbers,
        number_shown=request.method == "POST",
        centre=centre,
        username=centre.username != "off" and username.is_of_use(services(), account_session()),
        upstreams=bool(services().settings().upstreams.offered),
    )


@bp.get("/account/events")
@signed_in_only
def list_events() -> Page:
    listed = [
        {
            "at": datetime.fromtimestamp(each.at, UTC),
            "words": EVENTS.get(each.kind, each.kind),
            "about": each.details.get("shown", ""),
            "device": device_words(each.device) if each.device else "",
            "address": each.address,
        }
        for each in flow.events(services(), account_session(), acts=True)
    ]
    return render_template("account/events.html", events=listed, now=datetime.now(UTC))


@bp.get("/account/data")
@signed_in_only
def data() -> Page:
    return render_template("account/data.html", centre=services().settings().account_centre)


@bp.post("/account/data")
@signed_in_only
@fresh_proof_required
def download() -> Page:
    """All that is kept about the account, as JSON."""
    if not services().settings().account_centre.download:
        abort(404)
    body = json.dumps(flow.everything(services(), account_session()), indent=2, ensure_ascii=False)
    headers = {"Content-Disposition": "attachment; filename=my-data.json", "Cache-Control": "no-store"}
    return Response(body, mimetype="application/json", headers=headers)


@bp.route("/account/delete", methods=["GET", "POST"])
@signed_in_only
@fresh_proof_required
def delete() -> Page:
    if not services().settings().account_centre.delete:
        abort(404)
    if request.method == "GET":
        return render_template("account/delete.html", problem="")
    if request.form.get("confirm", "").strip().casefold() != gettext("delete"):
        problem = gettext("Type the word “%(word)s” to delete your account.", word=gettext("delete"))
        return render_template("account/delete.html", problem=problem), 422
    flow.delete(services(), account_session())
    return leave(url_for("account.signed_out"))


@bp.get("/account/sessions")
@signed_in_only
def list_sessions() -> Page:
    permission, current = flow.permission(services(), "sessions"), account_session()
    if permission == "off":
        abort(404)
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
    editable = permission == "edit"
    return render_template("account/sessions.html", sessions=listed, editable=editable, now=datetime.now(UTC))


@bp.post("/account/sessions")
@signed_in_only
def end_session() -> Page:
    if flow.permission(services(), "sessions") != "edit":
        abort(403)
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
