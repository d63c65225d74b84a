"""The accounts at other providers that one's own is linked to: /account/linked."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for

from flows import linked as flow
from flows import upstream
from flows.outcomes import Refused
from pages.forms import TicketForm
from pages.journey import Page
from pages.proof import fresh_proof_required
from pages.upstream import away
from pages.visitor import account_session, services, signed_in_only, visitor
from pages.words import sentence, status

bp = Blueprint("linked", __name__, url_prefix="/account/linked")


@bp.get("")
@signed_in_only
def overview() -> Page:
    return _page()


def _page(problem: str = "") -> str:
    return render_template(
        "account/linked.html",
        linked=[
            vars(each) | {"created": _moment(each.created_at), "used": _moment(each.used_at)}
            for each in flow.own(services(), account_session())
        ],
        addable=flow.addable(services(), account_session()),
        now=datetime.now(UTC),
        problem=problem,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@bp.post("")
@signed_in_only
@fresh_proof_required
def change() -> Page:
    """``link`` names a provider, ``unlink`` one that is linked."""
    TicketForm()
    if name := request.form.get("link"):
        return away(upstream.start(services(), visitor(), name, upstream.LINK, account_session()))
    outcome = flow.unlink(services(), visitor(), account_session(), request.form.get("unlink", ""))
    if isinstance(outcome, Refused):
        return _page(sentence(outcome)), status(outcome)
    return redirect(url_for("linked.overview"), 303)
