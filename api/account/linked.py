"""The accounts at other providers that one's own is linked to. One more is linked in a browser, at that provider."""

from __future__ import annotations

from api.account.frame import api
from api.contract import Call
from api.schema import id_of, moment, obj, page_of, text, utc
from flows import linked as flow
from flows.outcomes import Refused

LINKED = obj(
    "*",
    id=id_of("Of the link"),
    provider=text("As in the settings", most=60),
    title=text("For people", most=100),
    email=text("What the provider told last; may be empty", most=320),
    created_at=moment(),
    used_at=moment(),
)


@api.operation("GET", "/linked", "List the accounts at other providers", scope="profile", gives=page_of(LINKED))
def list_linked(call: Call) -> object:
    found = [
        {
            "id": each.id,
            "provider": each.name,
            "title": each.title,
            "email": each.email,
            "created_at": utc(each.created_at),
            "used_at": utc(each.used_at),
        }
        for each in flow.own(call.services, call.session)
    ]
    return {"items": found, "next": None}


@api.operation("DELETE", "/linked/{id}", "Unlink an account at another provider", scope="profile", proof=True)
def unlink(call: Call) -> object:
    if call.names["id"] not in [each.id for each in flow.own(call.services, call.session)]:
        return Refused("not_found")
    return flow.unlink(call.services, call.visitor, call.session, call.names["id"])
