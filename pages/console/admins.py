"""Who else is an admin. Owners only."""

from __future__ import annotations

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from flows import admins as flow
from flows.outcomes import Refused
from pages.console.frame import bp
from pages.journey import Page
from pages.visitor import admin, services
from pages.words import sentence, status

NONE: Mapping[str, str] = {}
ROLES = {
    "owner": _l("Owner: everything"),
    "admin": _l("Admin: everything but admins"),
    "support": _l("Support: helps people, sees masked numbers"),
    "auditor": _l("Auditor: looks, changes nothing"),
}


@bp.route("/admins", methods=["GET", "POST"])
def admins() -> Page:
    if request.method == "GET":
        return _page()
    form = request.form
    outcome = flow.add(services(), admin(), form.get("name", ""), form.get("password", ""), form.get("role", ""))
    if isinstance(outcome, Refused):
        field = "password" if outcome.reason.startswith("password") else "name"
        return _page({field: sentence(outcome)}, form), status(outcome)
    return redirect(url_for("console.admins"), 303)


def _page(problems: Mapping[str, str] = NONE, typed: Mapping[str, str] = NONE) -> str:
    return render_template(
        "console/admins.html",
        admins=flow.every(services()),
        roles=ROLES,
        problems=problems,
        me=admin().id,
        typed=typed,
    )


@bp.post("/admins/<admin_id>")
def change_admin(admin_id: str) -> Page:
    if request.form.get("action") == "remove":
        outcome = flow.remove(services(), admin(), admin_id)
    else:
        outcome = flow.change_role(services(), admin(), admin_id, request.form.get("role", ""))
    if isinstance(outcome, Refused):
        return _page({"": sentence(outcome)}), status(outcome)
    return redirect(url_for("console.admins"), 303)
