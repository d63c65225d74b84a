"""What protects one's own account: /account/security and below."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from flows import enrol as flow
from flows.outcomes import Refused
from pages.devices import device_words
from pages.forms import FactorForm
from pages.journey import Page
from pages.mfa import NAMES
from pages.proof import fresh_proof_required
from pages.visitor import account_session, services, signed_in_only, visitor
from pages.words import sentence, status

bp = Blueprint("security", __name__, url_prefix="/account/security")


@bp.get("")
@signed_in_only
def overview() -> Page:
    if flow.permission(services()) == "off":
        abort(404)
    found = flow.overview(services(), account_session())
    return render_template(
        "account/security.html",
        factors=[_shown(each) for each in found.factors],
        numbers=found.numbers,
        codes_left=found.codes_left,
        codes_addable="backup_code" in found.addable,
        addable=[kind for kind in found.addable if kind != "backup_code"],
        browsers=[(each.id, device_words(each.device), _moment(each.expires_at)) for each in found.browsers],
        editable=flow.permission(services()) == "edit",
        sessions=services().settings().account_centre.sessions != "off",
        now=datetime.now(UTC),
    )


def _shown(factor: Any) -> dict[str, Any]:
    return {
        "id": factor.id,
        "kind": NAMES[factor.kind],
        "name": factor.name,
        "created": _moment(factor.created_at),
        "used": _moment(factor.used_at) if factor.used_at else None,
    }


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@bp.post("")
@signed_in_only
@fresh_proof_required
def forget_browser() -> Page:
    """One that is trusted, or all."""
    if flow.permission(services()) != "edit":
        abort(403)
    flow.forget_browser(services(), visitor(), account_session(), request.form.get("browser", ""))
    return redirect(url_for("security.overview"), 303)


@bp.route("/factor", methods=["GET", "POST"])
@signed_in_only
@fresh_proof_required
def factor() -> Page:
    """One factor: "rename" it or "remove" it."""
    form = FactorForm()
    factor_id = request.args.get("id", "") or request.form.get("id", "")
    chosen = flow.one(services(), account_session(), factor_id)
    if chosen is None or flow.permission(services()) != "edit":
        return redirect(url_for("security.overview"), 303)
    if request.method == "GET":
        return _factor_page(FactorForm(formdata=None, name=chosen.name), chosen)
    if request.form.get("action") == "remove":
        outcome = flow.remove(services(), visitor(), account_session(), factor_id)
    else:
        outcome = flow.rename(services(), visitor(), account_session(), factor_id, form.name.data or "")
    if isinstance(outcome, Refused):
        form.refuse("name", sentence(outcome))
        return _factor_page(form, chosen), status(outcome)
    return redirect(url_for("security.overview"), 303)


def _factor_page(form: FactorForm, chosen: Any) -> str:
    return render_template("account/factor.html", form=form, factor=_shown(chosen))
