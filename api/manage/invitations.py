"""Inviting people to an organisation, as in the console."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from api.contract import Call
from api.invitations import INVITATION, OVER, PLACE, ROLES, page
from api.manage.frame import api
from api.schema import id_of, obj, page_of, text
from flows import acting, organizations
from flows import invitations as flow
from flows.outcomes import Refused

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
    found = _found(call)
    if found is None:
        return Refused("not_found")
    return page(call.services, found, call.query.get("cursor", ""), masked=False)


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


@operation(
    "POST",
    "/organizations/{id}/invitations/{invitation}/send",
    "Send it once more, when the wait is over",
    also=OVER,
)
def send_invitation_again(call: Call) -> object:
    found = _found(call)
    if found is None:
        return Refused("not_found")
    return flow.send_again(call.services, _visitor(call), _by(call), found, call.names["invitation"])


@operation(
    "POST",
    "/organizations/{id}/invitations/{invitation}/withdraw",
    "Withdraw it: its links open nothing",
    also=OVER,
)
def withdraw_invitation(call: Call) -> object:
    found = _found(call)
    if found is None:
        return Refused("not_found")
    return flow.withdraw(call.services, _by(call), found, call.names["invitation"])
