"""Inviting people to an organisation, as in the console."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from api.contract import Call
from api.manage.frame import api
from api.manage.organizations import PLACE, ROLES
from api.schema import id_of, moment, obj, one_of, page_of, text, utc, whole
from flows import acting, cursors, organizations
from flows import invitations as flow
from flows.outcomes import Refused

INVITATION = obj(
    "*",
    id=id_of("Of the invitation"),
    to=text("The number or address", most=320),
    roles=ROLES,
    state=one_of("waiting", "sent", "delivered", "failed", "accepted", "withdrawn", "expired"),
    created_at=moment(),
    expires_at=moment(),
    times=whole(about="How often it was sent"),
)
operation = partial(api.operation, scope="organizations")


def _found(call: Call) -> Any:
    return organizations.find(call.services, call.names["id"])


def _visitor(call: Call) -> Any:
    """A program's own address counts for nothing: it speaks for many."""
    return replace(call.visitor, address="")


def _by(call: Call) -> flow.Inviter:
    return flow.by_admin(acting.admin_of(call.access.client))


@operation(
    "GET",
    "/organizations/{id}/invitations",
    "List its invitations, the newest first",
    query=PLACE,
    gives=page_of(INVITATION),
)
def list_invitations(call: Call) -> object:
    found, cursor = _found(call), call.query.get("cursor", "")
    place = cursors.read(cursor) if cursor else (float("inf"), "")
    if found is None or place is None:
        return Refused("not_found" if found is None else "bad_query")
    listed = flow.list_newest(call.services, found, place[0], before_id=place[1], whole=True)
    items = [
        {
            "id": each.id,
            "to": each.shown,
            "roles": list(each.roles),
            "state": each.state,
            "created_at": utc(each.created_at),
            "expires_at": utc(each.expires_at),
            "times": each.times,
        }
        for each in listed
    ]
    more = len(listed) == flow.SHOWN
    return {"items": items, "next": cursors.write(listed[-1].created_at, listed[-1].id) if more else None}


@operation(
    "POST",
    "/organizations/{id}/invitations",
    "Invite a number or an address; a message with a link is on its way",
    takes=obj("to", to=text("A number with its country code, or an address", most=320), roles=ROLES),
    gives=obj("*", id=id_of("Of the invitation")),
    status=201,
    example={"to": "+33612345678", "roles": ["member"]},
)
def invite(call: Call) -> object:
    found = _found(call)
    if found is None:
        return Refused("not_found")
    made = flow.invite(call.services, _visitor(call), _by(call), found, call.body["to"], "", call.body.get("roles", []))
    return made if isinstance(made, Refused) else {"id": made}


@operation("POST", "/organizations/{id}/invitations/{invitation}/send", "Send it once more, when the wait is over")
def send_invitation_again(call: Call) -> object:
    found = _found(call)
    if found is None:
        return Refused("not_found")
    return flow.send_again(call.services, _visitor(call), _by(call), found, call.names["invitation"])


@operation("POST", "/organizations/{id}/invitations/{invitation}/withdraw", "Withdraw it: its links open nothing")
def withdraw_invitation(call: Call) -> object:
    found = _found(call)
    if found is None:
        return Refused("not_found")
    return flow.withdraw(call.services, _by(call), found, call.names["invitation"])
