"""The organisations: make one, edit it, see to its members, delete it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import abort, redirect, render_template, request, url_for

from flows import organizations as flow
from flows.outcomes import Refused
from pages.console.frame import bp, problems_of
from pages.journey import Page
from pages.visitor import admin, services
from pages.words import sentence, status
from settings.fields import Kind
from settings.organizations import FIELDS, OrganizationSettings, read_roles, write_organization


@bp.get("/organizations")
def list_organizations() -> Page:
    listed = [
        {"id": each.id, "name": each.settings.name, "members": members}
        for each, members in flow.list_all(services())
    ]  # fmt: skip
    return render_template("console/organizations.html", organizations=listed)


@bp.route("/new-organization", methods=["GET", "POST"])
def new_organization() -> Page:
    values, problems = write_organization(OrganizationSettings()), {}
    if request.method == "POST":
        values |= _typed()
        outcome = flow.create(services(), admin().name, values)
        if not isinstance(outcome, Refused):
            return redirect(url_for("console.members", organization_id=outcome), 303)
        problems = problems_of(outcome)
    page = render_template("console/new_organization.html", fields=FIELDS, values=values, problems=problems)
    return (page, 422) if problems else page


def _typed() -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for field in FIELDS:
        sent = request.form.getlist(field.name)
        if sent and field.kind is Kind.LIST:  # ticked, or typed one a line
            typed[field.name] = [each for each in sent if each] if field.choices else sent[0].splitlines()
        elif sent:
            typed[field.name] = sent[0]
    return typed


def found(organization_id: str) -> Any:
    """The organisation of the address."""
    return flow.find(services(), organization_id) or abort(404)


@bp.route("/organizations/<organization_id>", methods=["GET", "POST"])
def organization(organization_id: str) -> Page:
    """GET shows its settings, POST saves them."""
    shown = found(organization_id)
    values, problems = write_organization(shown.settings), {}
    if request.method == "POST":
        values |= _typed()
        outcome = flow.save(services(), admin().name, shown, values)
        if not isinstance(outcome, Refused):
            return redirect(url_for("console.organization", organization_id=organization_id), 303)
        problems = problems_of(outcome)
    page = render_template(
        "console/organization.html", organization=shown, fields=FIELDS, values=values, problems=problems
    )
    return (page, 422) if problems else page


@bp.get("/organizations/<organization_id>/members")
def members(organization_id: str) -> Page:
    return _members_page(found(organization_id))


@bp.post("/organizations/<organization_id>/members")
def change_members(organization_id: str) -> Page:
    """Adds a member ("add"), gives one other roles ("roles"), or takes one out ("remove")."""
    shown, action = found(organization_id), request.form.get("action", "")
    roles, account_id = read_roles(" ".join(request.form.getlist("roles"))), request.form.get("account", "")
    outcome: object
    if action == "add":
        outcome = flow.add_member(services(), admin(), shown, request.form.get("identifier", ""), roles)
    elif action == "roles":
        outcome = flow.set_roles(services(), admin().name, shown, account_id, roles)
    else:
        outcome = flow.remove_member(services(), admin().name, shown, account_id)
    if isinstance(outcome, Refused):
        return _members_page(shown, sentence(outcome)), status(outcome)
    return redirect(url_for("console.members", organization_id=organization_id), 303)


def _members_page(shown: Any, problem: str = "") -> str:
    before, before_id = request.args.get("before", type=float) or float("inf"), request.args.get("before_id", "")
    listed, older = flow.list_members(services(), admin(), shown, before, before_id=before_id)
    return render_template(
        "console/members.html",
        organization=shown,
        members=[vars(each) | {"joined": datetime.fromtimestamp(each.joined_at, UTC)} for each in listed],
        roles=shown.settings.permissions(),
        older=older,
        problem=problem,
        typed=request.form.get("identifier", ""),
    )


@bp.route("/delete-organization/<organization_id>", methods=["GET", "POST"])
def delete_organization(organization_id: str) -> Page:
    """GET says what will happen; POST does it, once the organisation's name is typed."""
    shown, problem = found(organization_id), None
    if request.method == "POST":
        outcome = flow.delete(services(), admin().name, shown, request.form.get("confirm", ""))
        if not isinstance(outcome, Refused):
            return redirect(url_for("console.list_organizations"), 303)
        problem = problems_of(outcome)["confirm"]
    page = render_template("console/delete_organization.html", organization=shown, problem=problem)
    return (page, 422) if problem else page
