"""A statement of an act that a person confirmed to an application, taken by a program that bears no person's token."""

from __future__ import annotations

from api.account.acts import EXAMPLE, REDEEMED, STATEMENT, TEXT, redeemed
from api.contract import Call
from api.manage.frame import api
from api.schema import id_of, obj, text
from flows.outcomes import Refused
from oidc import acts as statements


@api.operation(
    "POST",
    "/act-redemptions",
    "Take a statement of a confirmed act, once",
    scope="verifications",
    takes=obj(
        "statement text sub client_id",
        statement=STATEMENT,
        text=TEXT,
        sub=text("Whom you expect: as in the application's ID tokens", most=100),
        client_id=id_of("Of the application that the person confirmed it to"),
    ),
    gives=REDEEMED,
    about="As in the Account API. A statement is good once, whichever of the two takes it.",
    example={"statement": "eyJ...", "text": EXAMPLE, "sub": "0" * 32, "client_id": "0" * 32},
)
def redeem_act(call: Call) -> object:
    body = call.body
    told = statements.redeem(call.services, body["client_id"], body["sub"], body["text"], body["statement"])
    return told if isinstance(told, Refused) else redeemed(told)
