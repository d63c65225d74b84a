"""Codes as a service: sent and checked for any purpose of a program's own."""

from __future__ import annotations

import ipaddress

from api.contract import Answer, Call
from api.manage.frame import api
from api.schema import Schema, id_of, obj, one_of, or_null, text, whole, yes_or_no
from flows import verifications as flow
from flows.outcomes import Refused
from flows.place import Place
from settings.templates import WITH_CODE

PURPOSE: Schema = text("A word of your own, such as confirm-transfer", most=60, pattern="^[a-z0-9][a-z0-9_.-]*$")
ADDRESS = text("IP address of the person's device: its messages are counted too", most=45, pattern="^[0-9a-fA-F:.]+$")
STATES = ("queued", "sent", "delivered", "failed", "refused", "unknown", "neutral")
ASKED = obj(
    "to purpose",
    to=text("A phone number in any usual writing, or an e-mail address", most=320),
    purpose=PURPOSE,
    country=text("Two letters: of a number in national writing", most=2, pattern="^[A-Z]{2}$"),
    text=one_of(*WITH_CODE, about="Whose text is sent; generic where it is left out"),
    language=text("In which it is written, such as fr", most=10, pattern="^[a-z]{2,3}(-[A-Z]{2})?$"),
    address=ADDRESS,
)
VERIFICATION = obj(
    "*",
    id=id_of("Of the verification"),
    purpose=PURPOSE,
    kind=one_of("phone", "email"),
    to=or_null(text("E.164 or the address, once it is verified", most=320)),
    hint=text("As much of it as tells its owner", most=320),
    verified=yes_or_no("The right code was typed"),
    digits=whole(4, 10, "That the code has"),
    minutes_left=whole(about="That the newest code is good"),
    resend_in=whole(about="Seconds until another code can be sent"),
    state=one_of(*STATES, about="Of the newest message"),
    refusal=or_null(text("Why the provider refused it", most=40)),
    message_id=id_of("Of the newest message: see /messages"),
)


@api.operation(
    "POST",
    "/verifications",
    "Send a code",
    scope="verifications",
    takes=ASKED,
    gives=VERIFICATION,
    status=201,
    about="All limits, waits and texts of the sign-in page hold. The code itself is in no answer.",
    example={"to": "+33612345678", "purpose": "confirm-transfer", "language": "fr"},
)
def send_verification(call: Call) -> object:
    if wrong := _wrong_address(call):
        return wrong
    body = call.body
    asked = flow.Asked(
        to=body["to"],
        purpose=body["purpose"],
        usage=body.get("text", "generic"),
        country=body.get("country", ""),
        language=body.get("language", ""),
        address=body.get("address", ""),
    )
    sent = flow.send(call.services, call.visitor, asked)
    return (
        Answer(sent, kind="email" if "@" in asked.to else "phone")
        if isinstance(sent, Refused)
        else _of(call, sent.ticket, asked.purpose)
    )


def _wrong_address(call: Call) -> Refused | None:
    try:
        ipaddress.ip_address(call.body.get("address", "127.0.0.1"))
    except ValueError:
        return Refused("bad_address")
    return None


def _of(call: Call, ticket_id: str, purpose: str) -> object:
    known = flow.look(call.services, call.visitor, ticket_id, purpose)
    if known is None:
        return Refused("not_found")
    place: Place = known.place
    return {
        "id": place.ticket,
        "purpose": purpose,
        "kind": known.kind,
        "to": known.to or None,
        "hint": place.hint,
        "verified": place.proved,
        "digits": place.length,
        "minutes_left": place.minutes_left,
        "resend_in": place.resend_in,
        "state": place.state,
        "refusal": place.refusal or None,
        "message_id": known.message_id,
    }


@api.operation(
    "GET",
    "/verifications/{id}",
    "What became of it",
    scope="verifications",
    query={"purpose": PURPOSE},
    gives=VERIFICATION,
)
def read_verification(call: Call) -> object:
    return _of(call, call.names["id"], call.query.get("purpose", ""))


@api.operation(
    "POST",
    "/verifications/{id}/check",
    "Check a code",
    scope="verifications",
    takes=obj("purpose code", purpose=PURPOSE, code=text("As it was typed", most=100)),
    gives=VERIFICATION,
    about="Five tries in all; the right code is good once, and for the purpose only that it was sent for.",
    example={"purpose": "confirm-transfer", "code": "123456"},
)
def check_verification(call: Call) -> object:
    ticket_id, purpose = call.names["id"], call.body["purpose"]
    outcome = flow.check(call.services, call.visitor, ticket_id, purpose, call.body["code"])
    if not isinstance(outcome, Refused):
        return _of(call, ticket_id, purpose)
    known = flow.look(call.services, call.visitor, ticket_id, purpose)
    return Answer(outcome, kind=known.kind if known else "phone")


@api.operation(
    "POST",
    "/verifications/{id}/send-again",
    "Send another code",
    scope="verifications",
    takes=obj("purpose", purpose=PURPOSE, address=ADDRESS),
    gives=VERIFICATION,
    status=202,
    example={"purpose": "confirm-transfer"},
)
def send_verification_again(call: Call) -> object:
    if wrong := _wrong_address(call):
        return wrong
    ticket_id, purpose = call.names["id"], call.body["purpose"]
    outcome = flow.send_again(call.services, call.visitor, ticket_id, purpose, call.body.get("address", ""))
    known = flow.look(call.services, call.visitor, ticket_id, purpose)
    if isinstance(outcome, Refused):
        return Answer(outcome, kind=known.kind if known else "phone")
    return _of(call, ticket_id, purpose)
