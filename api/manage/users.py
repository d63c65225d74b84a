"""People's accounts: found, made, suspended, helped and deleted, as in the console."""

from __future__ import annotations

from functools import partial
from typing import Any

from api.contract import Answer, Call
from api.manage.frame import api
from api.schema import (
    Schema,
    anything,
    array,
    id_of,
    moment,
    obj,
    one_of,
    or_null,
    page_of,
    text,
    utc,
    whole,
    yes_or_no,
)
from flows import acting, cursors, identities
from flows import users as flow
from flows.outcomes import Refused

KINDS = one_of("phone", "email", "username")
IDENTIFIER = obj(
    "*",
    kind=KINDS,
    value=text("E.164, an address, or a username", most=320),
    main=yes_or_no(),
    verified_at=moment(),
    vouched_by=or_null(text("Who said so, where no code proved it; import for an imported one", most=200)),
)
LISTED = obj(
    "*",
    id=id_of("Of the account"),
    kind=or_null(KINDS),
    value=or_null(text("Its main identifier", most=320)),
    created_at=moment(),
    suspended=yes_or_no(),
)
FACTOR = obj(
    "*",
    id=id_of("Of the factor"),
    kind=one_of("totp", "passkey", "backup_code"),
    name=text(most=100),
    created_at=moment(),
    used_at=or_null(moment()),
)
SESSION = obj("*", id=id_of("Of the session"), created_at=moment(), expires_at=moment(), address=text(), device=text())
IDENTITY = obj(
    "*",
    id=id_of("Of the link"),
    provider=text("Its name in the settings", most=60),
    issuer=text(most=500),
    subject=text("Who it is there", most=500),
    email=text("What the provider said last; nothing rests on it", most=320),
    created_at=moment(),
    used_at=moment(),
)
EVENT = obj("*", at=moment(), kind=text(most=60), address=text(), device=text(), details=anything())
USER = obj(
    "*",
    id=id_of("Of the account"),
    created_at=moment(),
    suspended_at=or_null(moment()),
    language=text(most=10),
    has_password=yes_or_no(),
    identifiers=array(IDENTIFIER),
    factors=array(FACTOR),
    elsewhere=array(IDENTITY, about="Accounts at other providers that it is linked to"),
    sessions=array(SESSION),
    events=array(EVENT, about="The newest fifty"),
)
LIST = {
    "search": text("Any writing of a number or an address, a username or an id", most=320),
    "limit": whole(1, 100, "How many at most; 50 where it is left out"),
    "cursor": text("From next", most=500),
}
reads, writes = partial(api.operation, scope="users:read"), partial(api.operation, scope="users:write")


@reads("GET", "/users", "Find accounts, or list them, the newest first", query=LIST, gives=page_of(LISTED))
def list_users(call: Call) -> object:
    most, cursor, search = (
        call.query.get(name, other) for name, other in (("limit", 50), ("cursor", ""), ("search", ""))
    )
    place = cursors.read(cursor) if cursor else (float("inf"), "")
    if place is None:
        return Refused("bad_query")
    admin = _admin(call)
    found = flow.find(call.services, admin, search, place[0], before_id=place[1], most=most + 1)
    shown, last = cursors.page(found, most)
    items = [
        {
            "id": each.id,
            "kind": each.kind or None,
            "value": each.value or None,
            "created_at": utc(each.created_at),
            "suspended": each.suspended,
        }
        for each in shown
    ]
    return {"items": items, "next": cursors.write(last.created_at, last.id) if last and not search.strip() else None}


def _user(call: Call, account_id: str) -> object:
    found = flow.view(call.services, _admin(call), account_id)
    if found is None:
        return Refused("not_found")
    return {
        "id": found.entrant.id,
        "created_at": utc(found.entrant.created_at),
        "suspended_at": _moment(found.entrant.suspended_at),
        "language": found.entrant.locale,
        "has_password": found.entrant.password_hash is not None,
        "identifiers": [
            _told(IDENTIFIER, each) | {"main": bool(each.is_primary)} for each, _shown in found.identifiers
        ],
        "factors": [_told(FACTOR, each) for each in found.factors],
        "elsewhere": [_told(IDENTITY, each) for each in identities.of_account(call.services, _admin(call), account_id)],
        "sessions": [_told(SESSION, each) for each in found.sessions],
        "events": [_told(EVENT, each) for each in found.events],
    }


def _told(schema: Schema, row: Any) -> dict[str, object]:
    """Of a row what its schema names; its times in UTC."""
    found = {name: getattr(row, name) for name in schema["properties"] if hasattr(row, name)}
    times = {name for name in found if name == "at" or name.endswith("_at")}
    return {name: _moment(value) if name in times else value for name, value in found.items()}


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else utc(seconds)


@reads("GET", "/users/{id}", "Read one account", gives=USER)
def read_user(call: Call) -> object:
    return _user(call, call.names["id"])


@writes(
    "POST",
    "/users",
    "Make an account for a number or address that you vouch for",
    takes=obj("identifier", identifier=text("With + and country code, or an e-mail address", most=320)),
    gives=USER,
    status=201,
    example={"identifier": "+33612345678"},
)
def create_user(call: Call) -> object:
    identifier = call.body["identifier"]
    made = flow.create(call.services, _admin(call), identifier)
    return (
        Answer(made, kind="email" if "@" in identifier else "phone") if isinstance(made, Refused) else _user(call, made)
    )


@writes(
    "POST",
    "/users/{id}/identifiers",
    "Add a number or address that you vouch for",
    takes=obj("identifier", identifier=text("With + and country code, or an e-mail address", most=320)),
    gives=USER,
    status=201,
    example={"identifier": "+33612345678"},
)
def add_user_identifier(call: Call) -> object:
    identifier = call.body["identifier"]
    given = (call.services, _admin(call), call.visitor, call.names["id"])
    outcome = _known(call) or flow.add_identifier(*given, identifier)
    return (
        Answer(outcome, kind="email" if "@" in identifier else "phone")
        if isinstance(outcome, Refused)
        else _user(call, call.names["id"])
    )


@writes(
    "POST",
    "/users/{id}/remove-identifier",
    "Take a number or address away",
    takes=obj("kind value", kind=one_of("phone", "email"), value=text("E.164, or the address", most=320)),
    gives=USER,
    example={"kind": "phone", "value": "+33612345678"},
)
def remove_user_identifier(call: Call) -> object:
    kind, value = call.body["kind"], call.body["value"]
    given = (call.services, _admin(call), call.visitor, call.names["id"])
    outcome = _known(call) or flow.remove_identifier(*given, kind, value)
    return outcome if isinstance(outcome, Refused) else _user(call, call.names["id"])


def _known(call: Call) -> Refused | None:
    return None if flow.view(call.services, _admin(call), call.names["id"]) else Refused("not_found")


def _admin(call: Call) -> Any:
    return acting.admin_of(call.access.client)


def _act(step: object, call: Call) -> object:
    """A step that needs the account alone, and how it is after it."""
    account_id = call.names["id"]
    if wrong := _known(call):
        return wrong
    step(call.services, _admin(call), account_id)  # type: ignore[operator]
    return _user(call, account_id)


for path, summary, step in (
    ("suspend", "Nobody gets in until it is opened again; its sessions end", flow.suspend),
    ("open", "Open it again, after a suspension or too many wrong codes", flow.open_again),
    ("end-sessions", "End all its sessions", flow.end_sessions),
):
    name = "end_user_sessions" if path == "end-sessions" else f"{path}_user"
    api.add("POST", f"/users/{{id}}/{path}", summary, partial(_act, step), name, scope="users:write", gives=USER)


@writes(
    "POST",
    "/users/{id}/remove-factor",
    "Remove a second factor, for a reason that stays in the audit log",
    takes=obj("factor reason", factor=id_of("Of the factor"), reason=text("At least 10 characters", most=300)),
    gives=USER,
    example={"factor": "0" * 32, "reason": "Lost the phone; known by voice"},
)
def remove_user_factor(call: Call) -> object:
    admin, account_id = _admin(call), call.names["id"]
    found = flow.view(call.services, admin, account_id)
    if found is None or call.body["factor"] not in [each.id for each in found.factors]:
        return Refused("not_found")
    outcome = flow.remove_factor(call.services, admin, account_id, call.body["factor"], call.body["reason"])
    return outcome if isinstance(outcome, Refused) else _user(call, account_id)


@writes(
    "POST",
    "/users/{id}/unlink",
    "Unlink an account at another provider, for a reason that stays in the audit log",
    takes=obj("identity reason", identity=id_of("Of the link"), reason=text("At least 10 characters", most=300)),
    gives=USER,
    example={"identity": "0" * 32, "reason": "Linked by somebody else"},
)
def unlink_user_identity(call: Call) -> object:
    admin, account_id = _admin(call), call.names["id"]
    if call.body["identity"] not in [each.id for each in identities.of_account(call.services, admin, account_id)]:
        return Refused("not_found")
    outcome = identities.unlink(call.services, admin, account_id, call.body["identity"], call.body["reason"])
    return outcome if isinstance(outcome, Refused) else _user(call, account_id)


@writes("DELETE", "/users/{id}", "Delete an account, with all that is its own")
def delete_user(call: Call) -> object:
    admin, account_id = _admin(call), call.names["id"]
    if flow.view(call.services, admin, account_id) is None:
        return Refused("not_found")
    return flow.delete(call.services, admin, account_id, account_id)
