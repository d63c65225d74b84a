"""Where a person belongs: /account/organizations; and inviting others, for who may."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from flows import invitations, organizations
from flows.outcomes import Refused
from pages import challenge
from pages.journey import Page
from pages.visitor import account_session, services, signed_in_only, visitor
from pages.words import headers, sentence, status
from settings.organizations import INVITE

bp = Blueprint("memberships", __name__)


@bp.get("/account/organizations")
@signed_in_only
def list_mine() -> Page:
    members = organizations.of_account(services(), account_session())
    return render_template("account/organizations.html", members=members, invite=INVITE)


@bp.post("/account/organizations")
@signed_in_only
def leave() -> Page:
    organizations.leave(services(), account_session(), request.form.get("organization", ""))
    return redirect(url_for("memberships.list_mine"), 303)


@bp.get("/account/organizations/<organization_id>/invitations")
@signed_in_only
def list_invitations(organization_id: str) -> Page:
    return _page(organization_id)


@bp.post("/account/organizations/<organization_id>/invitations")
@signed_in_only
def invite(organization_id: str) -> Page:
    """Invites ("invite") with the role of who joins, sends once more ("again"), or withdraws ("withdraw")."""
    member, by = _inviter(organization_id)
    action, chosen = request.form.get("action", ""), request.form.get("invitation", "")
    outcome: object
    if action == "invite":
        to = request.form.get("to", "")
        outcome = invitations.invite(services(), visitor(), by, member.organization, to, "", ())
        if isinstance(outcome, Refused) and outcome.reason == "challenge":
            return challenge.asked(outcome)
    elif action == "again":
        outcome = invitations.send_again(services(), visitor(), by, member.organization, chosen)
    else:
        outcome = invitations.withdraw(services(), by, member.organization, chosen)
    if isinstance(outcome, Refused):
        kind = "email" if "@" in request.form.get("to", "") else "phone"
        return _page(organization_id, sentence(outcome, kind)), status(outcome), headers(outcome)
    return redirect(url_for("memberships.list_invitations", organization_id=organization_id), 303)


def _inviter(organization_id: str) -> Any:
    return invitations.inviter(services(), account_session(), organization_id) or abort(404)


def _page(organization_id: str, problem: str = "") -> str:
    member, by = _inviter(organization_id)
    newest, _older = invitations.list_newest(services(), member.organization, float("inf"), whole=by.whole)
    return render_template(
        "account/invitations.html",
        organization=member.organization,
        invitations=newest,
        problem=problem,
        typed=request.form.get("to", ""),
    )
