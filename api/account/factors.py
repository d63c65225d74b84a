"""Second factors: authenticator apps, passkeys, backup codes, and the browsers that are not asked for any."""

from __future__ import annotations

import json
from functools import partial

from api.account.frame import api
from api.contract import Call
from api.schema import anything, array, id_of, moment, obj, one_of, or_null, text, utc, whole
from flows import enrol, passkeys
from flows.outcomes import Refused

FACTOR = obj(
    "*",
    id=id_of("Of the factor"),
    kind=one_of("totp", "passkey"),
    name=text(most=100),
    created_at=moment(),
    used_at=or_null(moment()),
)
BROWSER = obj("*", id=id_of("Of the browser"), device=text("Its own words", most=300), expires_at=moment())
OVERVIEW = obj(
    "*",
    factors=array(FACTOR),
    numbers=array(text("Masked", most=40), about="Those that codes can go to as a second step"),
    backup_codes_left=whole(),
    trusted_browsers=array(BROWSER),
    addable=array(one_of("passkey", "totp", "backup_code"), about="What can be added now, strongest first"),
)
ASKED = obj("*", id=id_of("Of the challenge"), options=anything("For navigator.credentials.create"))
operation = partial(api.operation, scope="mfa", field="factors")


@operation("GET", "/factors", "See all second factors", gives=OVERVIEW)
def list_factors(call: Call) -> object:
    found = enrol.overview(call.services, call.session)
    return {
        "factors": [
            {
                "id": each.id,
                "kind": each.kind,
                "name": each.name,
                "created_at": utc(each.created_at),
                "used_at": utc(each.used_at) if each.used_at else None,
            }
            for each in found.factors
        ],
        "numbers": list(found.numbers),
        "backup_codes_left": found.codes_left,
        "trusted_browsers": [
            {"id": each.id, "device": each.device, "expires_at": utc(each.expires_at)} for each in found.browsers
        ],
        "addable": list(found.addable),
    }


@operation("PATCH", "/factors/{id}", "Rename a factor", proof=True, takes=obj("name", name=text(most=100)),
           example={"name": "My old phone"})  # fmt: skip
def rename_factor(call: Call) -> object:
    unknown = _unknown(call)
    return unknown or enrol.rename(call.services, call.visitor, call.session, call.names["id"], call.body["name"])


@operation("DELETE", "/factors/{id}", "Remove a factor", proof=True)
def remove_factor(call: Call) -> object:
    return _unknown(call) or enrol.remove(call.services, call.visitor, call.session, call.names["id"])


def _unknown(call: Call) -> Refused | None:
    return None if enrol.one(call.services, call.session, call.names["id"]) else Refused("not_found")


@operation(
    "POST",
    "/totp",
    "A key for an authenticator app",
    proof=True,
    status=201,
    gives=obj("*", id=id_of("Of what is to be proved"), key=text("To type", most=100), uri=text("For a QR code")),
)
def begin_totp(call: Call) -> object:
    begun = enrol.begin_totp(call.services, call.visitor, call.session)
    if isinstance(begun, Refused):
        return begun
    app = enrol.app_key(call.services, call.visitor, call.session, begun.ticket)
    return {"id": app.ticket, "key": app.key, "uri": app.uri} if app else Refused("not_found")


@operation(
    "POST",
    "/totp/{id}/check",
    "Does the app show the right code? Then it is added",
    proof=True,
    takes=obj("code", code=text("Of six digits", most=40)),
    example={"code": "123456"},
)
def add_totp(call: Call) -> object:
    ticket = call.names["id"]
    if enrol.app_key(call.services, call.visitor, call.session, ticket) is None:
        return Refused("not_found")
    return enrol.add_totp(call.services, call.visitor, call.session, ticket, call.body["code"])


@operation(
    "POST",
    "/backup-codes",
    "Ten new backup codes, in place of all before",
    proof=True,
    status=201,
    gives=obj("*", codes=array(text(most=40), 10)),
    about="They are told once. With the same Idempotency-Key they are told again.",
)
def make_backup_codes(call: Call) -> object:
    begun = enrol.begin_backup_codes(call.services, call.visitor, call.session)
    if isinstance(begun, Refused):
        return begun
    codes = enrol.codes_of(call.services, call.visitor, call.session, begun.ticket) or []
    enrol.kept(call.services, call.visitor, call.session, begun.ticket)
    return {"codes": codes}


@operation(
    "POST",
    "/passkeys/options",
    "What to ask the device for a new passkey",
    proof=True,
    status=201,
    gives=ASKED,
    about="The passkey belongs to the host of the sign-in page: a device makes it for an application only where the "
    "two are associated.",
)
def ask_passkey(call: Call) -> object:
    asked = passkeys.ask_to_add(call.services, call.visitor, call.session)
    return asked if isinstance(asked, Refused) else {"id": asked.ticket, "options": asked.options}


@operation(
    "POST",
    "/passkeys",
    "Add the passkey that the device made",
    proof=True,
    takes=obj(
        "id credential",
        id=id_of("Of the challenge"),
        credential=anything("As the device gave it (RegistrationResponseJSON)"),
        name=text(most=100),
    ),
)
def add_passkey(call: Call) -> object:
    answer, name = json.dumps(call.body["credential"]), " ".join(call.body.get("name", "").split())
    return passkeys.add(call.services, call.visitor, call.session, call.body["id"], answer, name)


@operation("DELETE", "/trusted-browsers/{id}", "A browser is asked for a second factor again", proof=True)
def forget_browser(call: Call) -> object:
    enrol.forget_browser(call.services, call.visitor, call.session, call.names["id"])
    return None


@operation("DELETE", "/trusted-browsers", "All browsers are asked for a second factor again", proof=True)
def forget_browsers(call: Call) -> object:
    enrol.forget_browser(call.services, call.visitor, call.session, "all")
    return None
