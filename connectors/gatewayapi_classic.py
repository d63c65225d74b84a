"""GatewayAPI's older REST API.

https://gatewayapi.com/docs/apis/rest/
https://gatewayapi.com/docs/errors/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.contract import Answer, Message, Refusal, Reply, Request, accepted, by_status, refused, spelled
from connectors.gatewayapi import STATES, refusal_of
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from connectors.tokens import signed_claims
from settings.fields import N_, Field, Kind
from settings.segments import is_gsm

TITLE = "GatewayAPI (REST)"
SUMMARY = N_("The older API of gatewayapi.com and gatewayapi.eu, which tells the price and can hide the text.")

FIELDS = (
    Field(
        "token",
        N_("API token"),
        required=True,
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("A token has no spaces."),
        help=N_("In the dashboard, under API keys."),
    ),
    Field(
        "setup",
        N_("Where the account is"),
        Kind.CHOICE,
        "com",
        choices=(("com", "gatewayapi.com"), ("eu", "gatewayapi.eu")),
        help=N_("An account and its tokens belong to one of the two."),
    ),
    Field(
        "sender",
        N_("Sender"),
        required=True,
        pattern=r"[0-9]{1,15}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}",
        hint=N_("Type a number of up to 15 digits without +, or a name of up to 11 letters, digits and spaces."),
        help=N_("The number or name that messages come from."),
    ),
    Field(
        "message_class",
        N_("Message class"),
        Kind.CHOICE,
        "standard",
        choices=(("standard", N_("Standard")), ("premium", N_("Premium")), ("secret", N_("Secret"))),
        help=N_(
            "Secret does not keep the text. GatewayAPI must allow it for the account; it costs as much as Premium."
        ),
    ),
    Field(
        "webhook_secret",
        N_("Webhook secret"),
        secret=True,
        pattern=r"[!-~]{16,}",
        hint=N_("Use at least 16 characters and no spaces."),
        help=N_("The authentication token of the webhook that GatewayAPI signs with. Receipts must then be signed."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://gatewayapi.com."),
    ),
)

# https://gatewayapi.com/docs/errors/ (API errors); 0x0229, 0x022A and 0x0312 came later than the published list
ERRORS = {
    # The key, the token, the signature; an address of ours that is not on the key's list (0x0212, 0x0213)
    **dict.fromkeys(("0x0210", "0x0211", "0x0212", "0x0213", "0x0223", "0x0224"), Refusal.BAD_CREDENTIALS),
    **dict.fromkeys(("0x021D", "0x0225", "0x0226", "0x0229", "0x022A"), Refusal.BAD_CREDENTIALS),
    # The same text to the same number too often: blocked for a while
    "0x0214": Refusal.THROTTLED,
    "0x0215": Refusal.BLOCKED,
    "0x0216": Refusal.NO_BALANCE,
    # A good number, but a country (0x0217) or an operator (0x021F) that the account may not send to
    **dict.fromkeys(("0x0217", "0x021F"), Refusal.SENDER_OR_TEMPLATE),
    # The class: not known, or not set up for the account
    **dict.fromkeys(("0x0218", "0x021E"), Refusal.SENDER_OR_TEMPLATE),
    # The request
    **dict.fromkeys(("0x0220", "0x0221", "0x0222", "0x0310", "0x0311", "0x0312"), Refusal.SENDER_OR_TEMPLATE),
}

SHORTEST_LIFE, LONGEST_LIFE = 60, 432_000  # seconds; the upper limit is that of the newer API


def build(config: Mapping[str, Any], message: Message) -> Request:
    body = {
        "class": config["message_class"],
        "message": message.text,
        "sender": config["sender"],
        "recipients": [{"msisdn": int(message.digits)}],
        "encoding": "UTF8" if is_gsm(message.text) else "UCS2",  # the first means GSM-7, and replaces what that lacks
        "userref": message.id,
        "validity_period": min(max(message.life, SHORTEST_LIFE), LONGEST_LIFE),
    }
    if message.receipt_url and not config["webhook_secret"]:  # an address named here is called unsigned
        body["callback_url"] = message.receipt_url
    headers = {
        "Authorization": f"Token {config['token']}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    base = config["base_url"].rstrip("/") or f"https://gatewayapi.{config['setup']}"
    return Request("POST", f"{base}/rest/mtsms", headers, json.dumps(body).encode())


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    if reply.status == 200 and spelled(reply.at("ids.0")):
        return accepted(reply.at("ids.0"), price=reply.at("usage.total_cost"), currency=reply.at("usage.currency"))
    code, words = spelled(reply.at("code")), reply.at("message")
    known = f"0x{code[2:].upper()}"
    if reply.status >= 400 and known in ERRORS:
        return refused(ERRORS[known], code, words)
    return by_status(reply, code, words)


def receive(config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """What is signed are the claims of a token, not the body: with a secret set, nothing else is read.

    A claim tells when the status changed, not when the notice was sent; and a notice that failed is repeated for 12
    hours. So no age is checked.
    """
    found: dict[str, Any] | None = notice.json()
    if config["webhook_secret"]:
        found = signed_claims(notice.headers.get("x-gwapi-signature", ""), config["webhook_secret"])
    if found is None:
        return None
    status, code = spelled(found.get("status")), spelled(found.get("code"))
    state = ReceiptState.FAILED if status == "SKIPPED" else STATES.get(status)
    if state is None:
        return []
    ids = {"provider_id": found.get("id"), "message_id": found.get("userref")}
    return [receipt(state, **ids, refusal=refusal_of(code), code=code, detail=found.get("error"))]
