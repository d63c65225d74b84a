"""An organisation's invitations, as both APIs tell of them."""

from __future__ import annotations

from typing import Any

from api.schema import array, id_of, moment, obj, one_of, text, utc, whole
from flows import cursors
from flows import invitations as flow
from flows.outcomes import Refused
from flows.services import Services

ROLES = array(text(most=40), most=50, about="Names of its roles")
PLACE = {"cursor": text("From next", most=500)}
OVER = ("410",)  # the status of an invitation that is over
INVITATION = obj(
    "*",
    id=id_of("Of the invitation"),
    to=text("The number or address; masked for a member", most=320),
    roles=ROLES,
    state=one_of("waiting", "sent", "delivered", "failed", "accepted", "withdrawn", "expired"),
    created_at=moment(),
    expires_at=moment(),
    times=whole(about="How often it was sent"),
)


def page(services: Services, organization: Any, cursor: str, *, masked: bool) -> object:
    """The newest after ``cursor``."""
    place = cursors.read(cursor) if cursor else (float("inf"), "")
    if place is None:
        return Refused("bad_query")
    listed, last = flow.list_newest(services, organization, place[0], before_id=place[1], whole=not masked)
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
    return {"items": items, "next": cursors.write(last.created_at, last.id) if last else None}
