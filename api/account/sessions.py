"""Where the person is signed in, the applications that they use, and what happened to the account."""

from __future__ import annotations

from api.account.frame import api
from api.contract import Call
from api.schema import anything, array, id_of, moment, obj, page_of, text, utc, whole, yes_or_no
from flows import account, applications, sessions
from flows.outcomes import Refused

SESSION = obj(
    "*",
    id=id_of("Of the session"),
    current=yes_or_no("The one that this token came from"),
    created_at=moment(),
    expires_at=moment(),
    address=text("From which it began", most=100),
    device=text("The browser's own words", most=300),
)
APPLICATION = obj(
    "*",
    client_id=id_of("Of the application"),
    name=text(most=60),
    home_url=text(most=500),
    scopes=array(text(most=60)),
    used_at=moment(),
)
EVENT = obj(
    "*",
    at=moment(),
    kind=text("Such as phone_added", most=60),
    address=text(most=100),
    device=text(most=300),
    details=anything("What its words need; numbers are masked"),
)
PAGE = {"limit": whole(1, 100, "How many at most; 50 where it is left out"), "cursor": text("From next", most=500)}


@api.operation("GET", "/sessions", "List the sessions", scope="sessions", field="sessions", gives=page_of(SESSION))
def list_sessions(call: Call) -> object:
    found = [
        {
            "id": each.id,
            "current": each.id == call.session.id,
            "created_at": utc(each.created_at),
            "expires_at": utc(each.expires_at),
            "address": each.address,
            "device": each.device,
        }
        for each in sessions.list_all(call.services, call.session)
    ]
    return {"items": found, "next": None}


@api.operation("DELETE", "/sessions/{id}", "End a session", scope="sessions", field="sessions")
def end_session(call: Call) -> object:
    ended = sessions.end(call.services, call.session, call.names["id"])
    return None if ended else Refused("not_found")


@api.operation("DELETE", "/sessions", "End all sessions but this", scope="sessions", field="sessions")
def end_other_sessions(call: Call) -> object:
    sessions.end_others(call.services, call.session)
    return None


@api.operation("GET", "/applications", "List the applications", scope="sessions", gives=page_of(APPLICATION))
def list_applications(call: Call) -> object:
    found = [
        {
            "client_id": each.client_id,
            "name": each.name,
            "home_url": each.home_url,
            "scopes": sorted(each.scope),
            "used_at": utc(each.used_at),
        }
        for each in applications.list_mine(call.services, call.session)
    ]
    return {"items": found, "next": None}


@api.operation(
    "DELETE",
    "/applications/{client_id}",
    "Take back what an application may do",
    scope="sessions",
    about="Its tokens end, and it has to ask again. An application may take its own.",
)
def revoke_application(call: Call) -> object:
    applications.revoke(call.services, call.session, call.names["client_id"])
    return None


@api.operation(
    "GET", "/events", "What happened to the account, newest first", scope="sessions", query=PAGE, gives=page_of(EVENT)
)
def list_events(call: Call) -> object:
    most = call.query.get("limit", 50)
    found = account.events(call.services, call.session, most=most + 1, cursor=call.query.get("cursor", ""))
    if isinstance(found, Refused):
        return found
    items = [
        {
            "at": utc(each.at),
            "kind": each.kind,
            "address": each.address,
            "device": each.device,
            "details": each.details,
        }
        for each in found[:most]
    ]
    return {"items": items, "next": account.cursor_of(found[most - 1]) if len(found) > most else None}
