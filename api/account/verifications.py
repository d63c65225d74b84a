"""A fresh proof that it is still the same person: begun, proved, and then named in a header."""

from __future__ import annotations

from api.account.frame import api
from api.contract import Answer, Call
from api.schema import array, id_of, obj, one_of, text, yes_or_no
from flows import acting, proof
from flows.outcomes import Refused

WAY = obj(
    "by",
    by=one_of("totp", "password", "code"),
    kind=one_of("phone", "email", about="Of what a code goes to"),
    id=id_of("Where a code goes to: send it as send_code_to"),
    shown=text("Masked"),
)
VERIFICATION = obj("id verified", id=id_of("Of the verification"), verified=yes_or_no("The person has proved it"))
PROOF = obj(
    about="One of the three",
    code=text("The code that was sent", most=40),
    password=text("Of the account", most=1000),
    totp=text("What an authenticator app shows", most=40),
) | {"minProperties": 1, "maxProperties": 1}


@api.operation("GET", "/verifications/ways", "How this person can prove it", scope="", gives=obj("*", items=array(WAY)))
def list_ways(call: Call) -> object:
    found = [
        {"by": each.by} | ({"kind": each.kind, "id": each.id, "shown": each.shown} if each.by == "code" else {})
        for each in proof.ways(call.services, call.session)
    ]
    return {"items": found}


@api.operation(
    "POST",
    "/verifications",
    "Begin a verification",
    scope="",
    takes=obj(send_code_to=id_of("One of the ways; without it no code is sent")),
    gives=VERIFICATION,
    status=201,
    example={},
)
def begin_verification(call: Call) -> object:
    ticket = ""
    if "send_code_to" in call.body:
        sent = proof.send_code(call.services, call.visitor, call.session, call.body["send_code_to"])
        if isinstance(sent, Refused):
            return sent
        ticket = sent.ticket
    return {"id": acting.begin(call.services, call.access.grant, ticket), "verified": False}


@api.operation(
    "POST",
    "/verifications/{id}/check",
    "Prove it",
    scope="",
    takes=PROOF,
    gives=VERIFICATION,
    example={"password": "a phrase that only they know"},
)
def check_verification(call: Call) -> object:
    verification = acting.find(call.services, call.access.grant, call.names["id"])
    if verification is None:
        return Refused("not_found")
    [(by, typed)] = call.body.items()
    if by == "password":
        outcome = proof.check_password(call.services, verification, typed)
    elif by == "totp":
        outcome = proof.check_app(call.services, verification, typed)
    else:
        outcome = proof.check_code(call.services, call.visitor, verification, verification.id, typed)
    return outcome if isinstance(outcome, Refused) else {"id": verification.id, "verified": True}


@api.operation("POST", "/verifications/{id}/send-again", "Send another code", scope="", gives=VERIFICATION, status=202)
def send_verification_again(call: Call) -> object:
    verification = acting.find(call.services, call.access.grant, call.names["id"])
    if verification is None:
        return Refused("not_found")
    place = proof.code_page(call.services, call.visitor, verification.id)
    outcome = proof.send_again(call.services, call.visitor, verification, verification.id)
    if isinstance(outcome, Refused):
        return Answer(outcome, kind=place.kind if place else "phone")
    return {"id": verification.id, "verified": False}


@api.operation("GET", "/verifications/{id}", "Whether it is proved and fresh", scope="", gives=VERIFICATION)
def read_verification(call: Call) -> object:
    verification = acting.find(call.services, call.access.grant, call.names["id"])
    if verification is None:
        return Refused("not_found")
    return {"id": verification.id, "verified": proof.is_fresh(call.services, verification)}
