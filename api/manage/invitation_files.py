"""Files of people to invite to an organisation, as in the console."""

from __future__ import annotations

from functools import partial
from typing import Any

from api.contract import Call
from api.manage.frame import api
from api.schema import Schema, array, id_of, moment, obj, or_null, page_of, text, utc, whole
from flows import acting, organizations
from flows import invitation_files as flow
from flows.invitations import by_admin
from flows.outcomes import Refused

# As long as a body may be.
CSV: Schema = {"type": "string", "description": "First the names of the columns: phone or email, roles, language"}
FILE = obj(
    "*",
    id=id_of("Of the file"),
    lines=whole(about="That it has"),
    waiting=whole(about="That are still to be invited"),
    invited=whole(),
    refused=whole(about="That were not invited"),
    created_at=moment(),
    stopped_at=or_null(moment("Since when nothing of it is invited any more")),
    next_at=or_null(moment("When a limit lets the next one go; null where none waits")),
)
LINE = obj("*", line=whole(1, about="Its number in the file"), reason=text("As of a problem's type", most=60))
operation = partial(api.operation, scope="organizations")


def _by(call: Call) -> Any:
    return by_admin(acting.admin_of(call.access.client))


@operation(
    "POST",
    "/organizations/{id}/invitation-files",
    "Invite everybody in a CSV file",
    takes=obj("csv", csv=CSV),
    gives=obj("*", id=id_of("Of the file")),
    status=202,
    about="Its lines are worked off one by one, behind all codes, and within all limits. Each number or address is "
    "invited once.",
    example={"csv": "phone,roles\n+33612345678,member\n"},
)
def begin_invitation_file(call: Call) -> object:
    found = organizations.find(call.services, call.names["id"])
    if found is None:
        return Refused("not_found")
    begun = flow.begin(call.services, _by(call), found, call.body["csv"])
    return begun if isinstance(begun, Refused) else {"id": begun}


@operation(
    "GET", "/organizations/{id}/invitation-files", "How far its files are, the newest first", gives=page_of(FILE)
)
def list_invitation_files(call: Call) -> object:
    found = organizations.find(call.services, call.names["id"])
    if found is None:
        return Refused("not_found")
    items = [
        {
            "id": each.file.id,
            "lines": each.lines,
            "waiting": each.waiting,
            "invited": each.invited,
            "refused": each.refused,
            "created_at": utc(each.file.created_at),
            "stopped_at": utc(each.file.stopped_at) if each.file.stopped_at else None,
            "next_at": utc(each.next_at or each.file.created_at) if each.waiting else None,
        }
        for each in flow.list_all(call.services, found)
    ]
    return {"items": items, "next": None}


@operation(
    "GET",
    "/organizations/{id}/invitation-files/{file_id}/refused",
    "Which lines were not invited, and why; the first thousand",
    gives=obj("*", items=array(LINE, flow.MOST_SHOWN)),
)
def list_refused_lines(call: Call) -> object:
    found = organizations.find(call.services, call.names["id"])
    lines = flow.refused_lines(call.services, found, call.names["file_id"]) if found else None
    if lines is None:
        return Refused("not_found")
    return {"items": [{"line": each.line, "reason": each.reason} for each in lines]}


@operation("POST", "/organizations/{id}/invitation-files/{file_id}/stop", "What waits of it is not invited any more")
def stop_invitation_file(call: Call) -> object:
    found = organizations.find(call.services, call.names["id"])
    if found is None or call.names["file_id"] not in [each.file.id for each in flow.list_all(call.services, found)]:
        return Refused("not_found")
    flow.stop(call.services, _by(call), found, call.names["file_id"])
    return None
