"""People: find an account, look at it, help."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from flows import cursors, identities
from flows import users as flow
from flows.outcomes import Refused
from pages.account import EVENTS
from pages.console.frame import bp
from pages.devices import device_words
from pages.journey import Page
from pages.visitor import admin, services, visitor
from pages.words import sentence, status

FACTORS = {"totp": _l("Authenticator app"), "passkey": _l("Passkey")}


def when(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None


@bp.get("/users")
def users() -> Page:
    """``q`` finds by any writing of a number, an address, a name or an id; ``before`` goes on down the list."""
    sought, before = request.args.get("q", ""), request.args.get("before", type=float) or float("inf")
    before_id = request.args.get("before_id", "")
    found, older = cursors.page(
        flow.find(services(), admin(), sought, before, before_id=before_id, most=flow.SHOWN + 1), flow.SHOWN
    )
    listed = [
        {"id": each.id, "shown": each.shown, "created": when(each.created_at), "suspended": each.suspended}
        for each in found
    ]
    return render_template("console/users.html", users=listed, q=sought, older=None if sought else older)


@bp.post("/users")
def create_user() -> Page:
    outcome = flow.create(services(), admin(), request.form.get("identifier", ""))
    if isinstance(outcome, Refused):
        problem, typed = sentence(outcome), request.form.get("identifier", "")
        return render_template("console/users.html", users=[], q="", older=None, problem=problem, typed=typed), 422
    return redirect(url_for("console.user", account_id=outcome), 303)


@bp.get("/users/<account_id>")
def user(account_id: str) -> Page:
    return _user_page(account_id)


def _user_page(account_id: str, problem: str = "", field: str = "") -> str:
    found = flow.view(services(), admin(), account_id)
    if found is None:
        abort(404)
    return render_template(
        "console/user.html",
        user=found,
        created=when(found.entrant.created_at),
        suspended=when(found.entrant.suspended_at),
        factors=_factors(found.factors),
        sessions=[
            {"device": device_words(each.device), "address": each.address, "created": when(each.created_at)}
            for each in found.sessions
        ],
        events=[
            {"at": when(each.at), "kind": EVENTS.get(each.kind, each.kind), "address": each.address}
            for each in found.events
        ],
        identities=[
            vars(each) | {"created": when(each.created_at), "used": when(each.used_at)}
            for each in identities.of_account(services(), admin(), account_id)
        ],
        problem=problem,
        field=field,
        typed=request.form,
    )


def _factors(found: list[flow.ListedFactor]) -> list[dict[str, Any]]:
    """Backup codes are one factor, told by their number."""
    codes = [each for each in found if each.kind == "backup_code"]
    shown = [each for each in found if each not in codes[1:]]
    return [
        {
            "id": each.id,
            "kind": FACTORS.get(each.kind, each.kind) if each not in codes else _codes_left(len(codes)),
            "name": each.name,
            "created": when(each.created_at),
        }
        for each in shown
    ]


def _codes_left(number: int) -> str:
    return ngettext("%(num)d backup code", "%(num)d backup codes", number)


@bp.post("/users/<account_id>/suspend")
def suspend_user(account_id: str) -> Page:
    flow.suspend(services(), admin(), account_id)
    return redirect(url_for("console.user", account_id=account_id), 303)


@bp.post("/users/<account_id>/open")
def open_user(account_id: str) -> Page:
    flow.open_again(services(), admin(), account_id)
    return redirect(url_for("console.user", account_id=account_id), 303)


@bp.post("/users/<account_id>/end-sessions")
def end_user_sessions(account_id: str) -> Page:
    flow.end_sessions(services(), admin(), account_id)
    return redirect(url_for("console.user", account_id=account_id), 303)


@bp.post("/users/<account_id>/remove-factor")
def remove_user_factor(account_id: str) -> Page:
    factor_id = request.form.get("factor", "")
    outcome = flow.remove_factor(services(), admin(), account_id, factor_id, request.form.get("reason", ""))
    if isinstance(outcome, Refused):
        return _user_page(account_id, sentence(outcome), f"reason-{factor_id}"), status(outcome)
    return redirect(url_for("console.user", account_id=account_id), 303)


@bp.post("/users/<account_id>/unlink")
def unlink_user_identity(account_id: str) -> Page:
    chosen = request.form.get("identity", "")
    outcome = identities.unlink(services(), admin(), account_id, chosen, request.form.get("reason", ""))
    if isinstance(outcome, Refused):
        return _user_page(account_id, sentence(outcome), f"reason-{chosen}"), status(outcome)
    return redirect(url_for("console.user", account_id=account_id), 303)


@bp.post("/users/<account_id>/add-contact")
def add_user_contact(account_id: str) -> Page:
    typed, reason = request.form.get("contact", ""), request.form.get("reason", "")
    outcome = flow.add_identifier(services(), admin(), visitor(), account_id, typed, reason)
    if isinstance(outcome, Refused):
        field = "why" if outcome.reason == "reason_needed" else "contact"
        return _user_page(account_id, sentence(outcome), field), status(outcome)
    return redirect(url_for("console.user", account_id=account_id), 303)


@bp.post("/users/<account_id>/delete")
def delete_user(account_id: str) -> Page:
    outcome = flow.delete(services(), admin(), account_id, request.form.get("confirm", ""))
    if isinstance(outcome, Refused):
        return _user_page(account_id, sentence(outcome), "confirm"), status(outcome)
    return redirect(url_for("console.users"), 303)
