"""An organisation's invitations: send one, or a file of them; what became of each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import abort, redirect, render_template, request, url_for

from flows import invitation_files
from flows import invitations as flow
from flows.outcomes import Refused
from pages.console.frame import bp
from pages.console.organizations import found
from pages.journey import Page
from pages.visitor import admin, services, visitor
from pages.words import headers, sentence, status
from settings.organizations import read_roles


@bp.get("/organizations/<organization_id>/invitations")
def invitations(organization_id: str) -> Page:
    return _page(found(organization_id))


@bp.post("/organizations/<organization_id>/invitations")
def change_invitations(organization_id: str) -> Page:
    """Invites ("invite"), sends once more ("again"), withdraws ("withdraw"), or takes a file ("file")."""
    shown, by, action = found(organization_id), flow.by_admin(admin()), request.form.get("action", "")
    chosen, typed = request.form.get("invitation", ""), request.form.get("to", "")
    outcome: object
    if action == "invite":
        roles = read_roles(" ".join(request.form.getlist("roles")))
        outcome = flow.invite(services(), visitor(), by, shown, typed, "", roles)
    elif action == "again":
        outcome = flow.send_again(services(), visitor(), by, shown, chosen)
    elif action == "file":
        return _take_file(shown)
    else:
        outcome = flow.withdraw(services(), by, shown, chosen)
    if isinstance(outcome, Refused):
        problem = sentence(outcome, "email" if "@" in typed else "phone")
        return _page(shown, problem), status(outcome), headers(outcome)
    return redirect(url_for("console.invitations", organization_id=organization_id), 303)


def _take_file(shown: Any) -> Page:
    sent = request.files.get("file")
    text = sent.read().decode("utf-8", "replace") if sent else ""
    outcome = invitation_files.begin(services(), flow.by_admin(admin()), shown, text)
    if isinstance(outcome, Refused):
        return _page(shown, file_problem=sentence(outcome)), status(outcome)
    return redirect(url_for("console.invitation_file", organization_id=shown.id, file_id=outcome), 303)


def _page(shown: Any, problem: str = "", file_problem: str = "") -> str:
    before, before_id = request.args.get("before", type=float) or float("inf"), request.args.get("before_id", "")
    by = flow.by_admin(admin())
    listed, older = flow.list_newest(services(), shown, before, before_id=before_id, whole=by.whole)
    return render_template(
        "console/invitations.html",
        organization=shown,
        roles=shown.settings.permissions(),
        invitations=listed,
        times={each.id: datetime.fromtimestamp(each.created_at, UTC) for each in listed},
        older=older,
        files=[_file(each) for each in invitation_files.list_all(services(), shown)],
        problem=problem,
        file_problem=file_problem,
        typed=request.form.get("to", ""),
    )


def _file(progress: Any) -> dict[str, Any]:
    begun = datetime.fromtimestamp(progress.file.created_at, UTC)
    waits = progress.next_at is not None and progress.next_at > services().clock()
    next_at = datetime.fromtimestamp(progress.next_at, UTC) if waits else None
    return {"progress": progress, "id": progress.file.id, "begun": begun, "next_at": next_at}


@bp.get("/organizations/<organization_id>/invitation-file/<file_id>")
def invitation_file(organization_id: str, file_id: str) -> Page:
    shown = found(organization_id)
    refused = invitation_files.refused_lines(services(), shown, file_id)
    if refused is None:
        abort(404)
    [file] = [each for each in invitation_files.list_all(services(), shown) if each.file.id == file_id]
    lines = [{"line": each.line, "words": sentence(Refused(each.reason))} for each in refused]
    return render_template("console/invitation_file.html", organization=shown, file=_file(file), lines=lines)


@bp.post("/organizations/<organization_id>/invitation-file/<file_id>")
def stop_invitation_file(organization_id: str, file_id: str) -> Page:
    invitation_files.stop(services(), flow.by_admin(admin()), found(organization_id), file_id)
    return redirect(url_for("console.invitation_file", organization_id=organization_id, file_id=file_id), 303)
