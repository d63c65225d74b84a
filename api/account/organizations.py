"""The organisations that the person belongs to, and inviting others there, for who may."""

from __future__ import annotations

from functools import partial
from typing import Any

from api.account.frame import api
from api.contract import Answer, Call
from api.invitations import INVITATION, OVER, PLACE, ROLES, page
from api.schema import array, id_of, obj, page_of, text
from flows import invitations
from flows import organizations as flow
from flows.outcomes import Refused

MEMBERSHIP = obj(
    "*", id=id_of("Of the organisation"), name=text(most=60), roles=ROLES, permissions=array(text(most=60))
)
operation = partial(api.operation, scope="profile")


@operation("GET", "/organizations", "List the organisations that the person belongs to", gives=page_of(MEMBERSHIP))
def list_organizations(call: Call) -> object:
    found = [
        {
            "id": each.organization.id,
            "name": each.organization.settings.name,
            "roles": list(each.roles),
            "permissions": sorted(each.permissions),
        }
        for each in flow.of_account(call.services, call.session)
    ]
    return {"items": found, "next": None}


@operation("DELETE", "/organizations/{id}", "Leave an organisation; what was granted for it ends")
def leave_organization(call: Call) -> object:
    if flow.mine(call.services, call.session, call.names["id"]) is None:
        return Refused("not_found")
    flow.leave(call.services, call.session, call.names["id"])
    return None


def _inviter(call: Call) -> Any:
    """The organisation, and who invites; None for whoever may not."""
    found = invitations.inviter(call.services, call.session, call.names["id"])
    return (found[0].organization, found[1]) if found else None


@operation(
    "GET",
    "/organizations/{id}/invitations",
    "List its invitations, the newest first; for who may invite",
    query=PLACE,
    gives=page_of(INVITATION),
)
def list_invitations(call: Call) -> object:
    found = _inviter(call)
    if found is None:
        return Refused("not_found")
    return page(call.services, found[0], call.query.get("cursor", ""), masked=not found[1].whole)


@operation(
    "POST",
    "/organizations/{id}/invitations",
    "Invite a number or an address; a message with a link is on its way",
    takes=obj("to", to=text("A number with its country code, or an address", most=320)),
    gives=obj("*", id=id_of("Of the invitation")),
    status=201,
    example={"to": "+33612345678"},
)
def invite(call: Call) -> object:
    found, to = _inviter(call), call.body["to"]
    if found is None:
        return Refused("not_found")
    made = invitations.invite(call.services, call.visitor, found[1], found[0], to, "", ())
    return Answer(made, kind="email" if "@" in to else "phone") if isinstance(made, Refused) else {"id": made}


@operation(
    "POST",
    "/organizations/{id}/invitations/{invitation}/send",
    "Send it once more, when the wait is over",
    also=OVER,
)
def send_invitation_again(call: Call) -> object:
    found = _inviter(call)
    if found is None:
        return Refused("not_found")
    return invitations.send_again(call.services, call.visitor, found[1], found[0], call.names["invitation"])


@operation(
    "POST",
    "/organizations/{id}/invitations/{invitation}/withdraw",
    "Withdraw it: its links open nothing",
    also=OVER,
)
def withdraw_invitation(call: Call) -> object:
    found = _inviter(call)
    if found is None:
        return Refused("not_found")
    return invitations.withdraw(call.services, found[1], found[0], call.names["invitation"])
