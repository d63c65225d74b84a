"""A fresh proof as a service: the person confirms one act, and the application gets a signed statement of it."""

from __future__ import annotations

from api.account.contacts import pending
from api.account.frame import api
from api.contract import Answer, Call
from api.schema import Schema, array, id_of, obj, one_of, or_null, text, whole
from flows import acts as flow
from flows.acts import LONGEST, act_hash
from flows.outcomes import Refused
from oidc import acts as statements

TEXT: Schema = text("What the person confirms: one line of plain text, without the address of a page", most=LONGEST)
HASH: Schema = text("SHA-256 of the text, in base64url", most=43, pattern="^[A-Za-z0-9_-]{43}$")
STATEMENT: Schema = text("The signed statement", most=4000)
ACT = obj(
    "*",
    id=id_of("Of what is to be confirmed"),
    act_hash=HASH,
    hint=text("As much of the number or address as tells its owner"),
    digits=whole(4, 10, "That the code has"),
    minutes_left=whole(about="That the code is good"),
    resend_in=whole(about="Seconds until another code can be sent"),
    state=one_of("queued", "sent", "delivered", "failed", "refused", "unknown", "neutral", about="Of the message"),
    refusal=or_null(text("Why the provider refused it", most=40)),
)
REDEEMED = obj(
    "*",
    sub=text("Who confirmed it", most=100),
    act_hash=HASH,
    confirmed_at=whole(about="Seconds since 1970"),
    amr=array(text(most=20), about="How, as in an ID token"),
    acr=text(most=60),
)
EXAMPLE = "Transfer of 500 euros to Ann Smith"


def _shown(call: Call, ticket_id: str, hashed: str) -> object:
    place = flow.look(call.services, call.visitor, ticket_id, hashed)
    return pending(place) | {"act_hash": hashed} if place and place.live else Refused("not_found")


@api.operation(
    "POST",
    "/acts",
    "Send a code that confirms one act",
    scope="",
    takes=obj("text send_code_to", text=TEXT, send_code_to=id_of("One of /verifications/ways")),
    gives=ACT,
    status=202,
    about="The message shows the text beside the code. The code is good for this text, this person and this "
    "application alone.",
    example={"text": EXAMPLE, "send_code_to": "0" * 32},
)
def begin_act(call: Call) -> object:
    typed = call.body["text"]
    begun = flow.start(call.services, call.visitor, call.session, typed, call.body["send_code_to"])
    return begun if isinstance(begun, Refused) else _shown(call, begun.ticket, act_hash(typed))


@api.operation(
    "GET", "/acts/{id}", "What became of the code", scope="", query={"act_hash": HASH}, gives=ACT
)  # the text itself would stand in an address
def read_act(call: Call) -> object:
    return _shown(call, call.names["id"], call.query.get("act_hash", ""))


@api.operation(
    "POST",
    "/acts/{id}/check",
    "Is it the right code? Then the act is confirmed",
    scope="",
    takes=obj("text code", text=TEXT, code=text("As it was typed", most=40)),
    gives=obj("*", statement=STATEMENT),
    about="The statement is a JWT of the type act+jwt, signed with the published keys: iss, sub, aud (the "
    "application), iat, exp (five minutes), jti, act_hash, amr and acr. Redeem it where the act is done.",
    example={"text": EXAMPLE, "code": "123456"},
)
def check_act(call: Call) -> object:
    act, typed = call.body["text"], call.body["code"]
    place = flow.look(call.services, call.visitor, call.names["id"], act_hash(act))
    outcome = flow.check_code(call.services, call.visitor, call.session, call.names["id"], act, typed)
    if isinstance(outcome, Refused):
        return Answer(outcome, kind=place.kind if place else "phone")
    return {"statement": statements.sign(call.services, call.access.client, call.access.grant, outcome)}


@api.operation(
    "POST",
    "/acts/{id}/send-again",
    "Send another code",
    scope="",
    takes=obj("text", text=TEXT),
    gives=ACT,
    status=202,
    example={"text": EXAMPLE},
)
def send_act_again(call: Call) -> object:
    hashed = act_hash(call.body["text"])
    place = flow.look(call.services, call.visitor, call.names["id"], hashed)
    outcome = flow.send_again(call.services, call.visitor, call.session, call.names["id"], call.body["text"])
    if isinstance(outcome, Refused):
        return Answer(outcome, kind=place.kind if place else "phone")
    return _shown(call, outcome.ticket, hashed)


@api.operation(
    "POST",
    "/act-redemptions",
    "Take a statement, once",
    scope="",
    takes=obj("statement text", statement=STATEMENT, text=TEXT),
    gives=REDEEMED,
    about="Refused where it is of another act (other_act), another person (other_person) or application "
    "(bad_statement), comes late (late_statement) or again (used_statement).",
    example={"statement": "eyJ...", "text": EXAMPLE},
)
def redeem_act(call: Call) -> object:
    told = statements.redeem_own(call.services, call.access, call.body["text"], call.body["statement"])
    return told if isinstance(told, Refused) else redeemed(told)


def redeemed(told: dict[str, object]) -> dict[str, object]:
    return {name: told[name] for name in ("sub", "act_hash", "amr", "acr")} | {"confirmed_at": told["iat"]}
