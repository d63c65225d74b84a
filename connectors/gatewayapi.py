"""GatewayAPI Mobile Messaging, the current of its two APIs.

https://gatewayapi.com/docs/apis/mobile/
https://messaging.gatewayapi.com/docs                    the OpenAPI document
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from connectors.contract import Answer, Message, Refusal, Reply, Request, accepted, by_status, refused, spelled
from connectors.receipts import Notice, Receipt, ReceiptState, receipt, same
from settings.fields import N_, Field, Kind

TITLE = "GatewayAPI"
SUMMARY = N_("SMS from Europe to almost every country, with an account at gatewayapi.com or gatewayapi.eu.")

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
        pattern=r"[0-9]{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 ]{3,11}",
        hint=N_("Type a number of 3 to 15 digits without +, or a name of 3 to 11 letters, digits and spaces."),
        help=N_("The number or name that messages come from."),
    ),
    Field(
        "webhook_secret",
        N_("Webhook secret"),
        secret=True,
        pattern=r"[!-~]{16,}",
        hint=N_("Use at least 16 characters and no spaces."),
        help=N_("As it is set at the webhook. Receipts must then be signed with it."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://messaging.gatewayapi.com."),
    ),
)

# This API has no codes of its own. A token that is wrong is answered with 403, a missing one with 401: by_status knows
# them, with 429. Of 422 it names the field: https://messaging.gatewayapi.com/docs (ValidationError).
ERRORS = {
    "recipient": Refusal.BAD_NUMBER,
    **dict.fromkeys(("sender", "message", "reference", "expiration"), Refusal.SENDER_OR_TEMPLATE),
}

STATES = {
    "ENROUTE": ReceiptState.SENT,
    "ACCEPTED": ReceiptState.SENT,
    "DELIVERED": ReceiptState.DELIVERED,
    "EXPIRED": ReceiptState.FAILED,
    "DELETED": ReceiptState.FAILED,
    "UNDELIVERABLE": ReceiptState.FAILED,
    "REJECTED": ReceiptState.FAILED,
}

# Those of receipts (hex_code), the same as of the older API. https://gatewayapi.com/docs/errors/
RECEIPT_ERRORS = {
    # Unknown or not a subscriber, an address that is none
    **dict.fromkeys(("1010", "1020", "1025", "1040", "1060", "1084"), Refusal.BAD_NUMBER),
    # Barred, screened, blocked by the operator
    **dict.fromkeys(("1011", "1030", "1031", "1034", "103C", "1093"), Refusal.BLOCKED),
    # The sender (1033, 1065, 1905), the words (1035), an address in the text that is not on the list (1903, 1904)
    **dict.fromkeys(("1033", "1035", "1065", "1903", "1904", "1905"), Refusal.SENDER_OR_TEMPLATE),
    # Switched off, out of reach, full, busy (1013 to 1023), or the network (1015, 101A, 101B, 1027, 1042, 1047, 1091)
    **dict.fromkeys(("1013", "1018", "1019", "1021", "1022", "1023", "102A"), Refusal.TEMPORARY),
    **dict.fromkeys(("1015", "101A", "101B", "1027", "1042", "1047", "1091"), Refusal.TEMPORARY),
}


def refusal_of(code: str) -> Refusal | None:
    """Of a receipt's code such as 0x101b, in either case and with its 0x or without."""
    return RECEIPT_ERRORS.get(code.upper().removeprefix("0X"))


LONGEST_LIFE = 5 * 24 * 60  # minutes


def build(config: Mapping[str, Any], message: Message) -> Request:
    """The receipt address is not part of a request: it is typed at the provider."""
    body = {
        "sender": config["sender"],
        "recipient": int(message.digits),
        "message": message.text,
        "reference": message.id,
        "expiration": f"PT{min(message.minutes, LONGEST_LIFE)}M",
    }
    headers = {
        "Authorization": f"Token {config['token']}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    base = config["base_url"].rstrip("/") or f"https://messaging.gatewayapi.{config['setup']}"
    return Request("POST", f"{base}/mobile/single", headers, json.dumps(body).encode())


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    if reply.status == 202 and spelled(reply.at("msg_id")):
        return accepted(reply.at("msg_id"))
    words = reply.at("detail.0.msg") or reply.at("detail")
    field = spelled(reply.at("detail.0.loc.1"))
    if reply.status == 422 and field in ERRORS:
        return refused(ERRORS[field], field, words)
    return by_status(reply, detail=words)


def receive(config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """No age is checked: what is signed is the time of the event, and a notice that failed is repeated for hours."""
    if config["webhook_secret"] and not _is_signed(config["webhook_secret"], notice):
        return None
    found = notice.json()
    event = found.get("event")
    if found.get("event_type") != "message.status.sms" or not isinstance(event, dict):
        return []
    state = STATES.get(spelled(event.get("status")))
    if state is None:
        return []
    error = event["error"] if isinstance(event.get("error"), dict) else {"details": event.get("error")}
    code = spelled(error.get("hex_code"))
    return [
        receipt(
            state,
            event.get("msg_id"),
            message_id=event.get("reference"),
            refusal=refusal_of(code),
            code=code,
            detail=error.get("details"),
        )
    ]


def _is_signed(secret: str, notice: Notice) -> bool:
    ours = hmac.new(secret.encode(), notice.body, hashlib.sha256).hexdigest()
    return same(f"v1={ours}", notice.headers.get("signature"))
