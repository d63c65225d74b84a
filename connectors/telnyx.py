"""Telnyx Messaging, API v2.

https://developers.telnyx.com/api-reference/messages/send-a-message
https://developers.telnyx.com/docs/development/api-fundamentals/idempotency    a success is replayed for 24 hours
https://developers.telnyx.com/docs/messaging/messages/error-codes              the codes, of replies and of receipts
https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from connectors.contract import (
    Answer,
    Message,
    Refusal,
    Reply,
    Request,
    accepted,
    by_status,
    refused,
    retry_after,
    spelled,
    unknown,
    value_at,
)
from connectors.receipts import Notice, Receipt, ReceiptState, is_fresh, receipt
from settings.fields import N_, Field, Kind, Problem

TITLE = "Telnyx"
SUMMARY = N_("SMS over Telnyx's own network, with an account at telnyx.com.")

FIELDS = (
    Field(
        "api_key",
        N_("API key"),
        required=True,
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("An API key has no spaces."),
        help=N_("In the portal under API Keys; an API v2 key begins with KEY."),
    ),
    Field(
        "sender",
        N_("Sender"),
        pattern=r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}",
        hint=N_(
            "Type a number with + and country code, a short code, or a name of up to 11 letters, digits and spaces."
        ),
        help=N_("Empty: the messaging profile chooses one of its numbers."),
    ),
    Field(
        "messaging_profile_id",
        N_("Messaging profile ID"),
        pattern=r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        hint=N_("A messaging profile ID is 32 characters from 0-9 and a-f in five groups."),
        help=N_("Needed where the sender is a name, and where there is none."),
    ),
    Field(
        "public_key",
        N_("Public key"),
        pattern=r"[A-Za-z0-9+/]{43}=",
        hint=N_("The public key is 44 characters and ends with an equals sign."),
        help=N_("In the portal under API Keys, Public Key. It proves receipts; without it none are asked for."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://api.telnyx.com."),
    ),
)

ERRORS = {
    # https://developers.telnyx.com/development/api-fundamentals/api-errors (20013: the account is blocked)
    **dict.fromkeys(("10009", "10010", "20002", "20006", "20013"), Refusal.BAD_CREDENTIALS),
    # The same page (20012: an account becomes inactive when its money is spent)
    **dict.fromkeys(("20012", "20100"), Refusal.NO_BALANCE),
    # https://developers.telnyx.com/api/errors/40310 (40301 and 40319: that number takes no such message)
    **dict.fromkeys(("40012", "40301", "40310", "40319"), Refusal.BAD_NUMBER),
    # https://developers.telnyx.com/api/errors/40300
    "40300": Refusal.BLOCKED,
    # https://developers.telnyx.com/docs/messaging/messages/error-codes (40318: the sender's queue is full)
    **dict.fromkeys(("10011", "40318"), Refusal.THROTTLED),
    # 10001, 10002 and 10016 call a number wrong and do not say whether it is the sender's.
    **dict.fromkeys(("10001", "10002", "10016", "40013", "40305", "40306", "40308"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("40100", "40150", "40151", "40315", "40320", "40321"), Refusal.SENDER_OR_TEMPLATE),
    # The text, the request, the account, the country.
    **dict.fromkeys(("40302", "40304", "40316", "40317", "40322", "40328"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("10003", "10004", "10005", "10006", "10015"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("20014", "20015", "20016", "20017", "40312", "40314"), Refusal.SENDER_OR_TEMPLATE),
    "40309": Refusal.SENDER_OR_TEMPLATE,
}

# Those of receipts, from the same page: the message was taken, and failed later.
RECEIPT_ERRORS = {
    **ERRORS,
    "40001": Refusal.BAD_NUMBER,
    # Kept back by a spam filter. (40004 and 40008, refused by the operator, give no reason.)
    **dict.fromkeys(("40002", "40003", "40015", "40017"), Refusal.BLOCKED),
    **dict.fromkeys(("40011", "40014", "40016", "40018"), Refusal.THROTTLED),
    # 40010 and 40329: a sender that had to be registered.
    **dict.fromkeys(("40009", "40010", "40329"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("40005", "40006"), Refusal.TEMPORARY),
}
# Not message.received: a message that came in has a status too, that of its way to us.
EVENTS = ("message.sent", "message.finalized")
# delivery_unconfirmed is left out: the operator told nothing, and no more comes.
STATES = {
    "sent": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "sending_failed": ReceiptState.FAILED,
    "delivery_failed": ReceiptState.FAILED,
    "expired": ReceiptState.FAILED,
}


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    named = not config["sender"] or not config["sender"].strip("+").isdecimal()
    if named and not config["messaging_profile_id"]:
        return {"messaging_profile_id": Problem(N_("Give the messaging profile: a name, or no sender, needs it."))}
    return {}


def build(config: Mapping[str, Any], message: Message) -> Request:
    """Telnyx takes no validity period."""
    values = {
        "to": message.to,
        "from": config["sender"],
        "messaging_profile_id": config["messaging_profile_id"],
        "text": message.text,
        "webhook_url": message.receipt_url if config["public_key"] else "",  # it could not be verified without
    }
    headers = {
        "Authorization": f"Bearer {config['api_key']}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Idempotency-Key": message.id,
    }
    body = json.dumps({name: value for name, value in values.items() if value}).encode()
    return Request("POST", f"{config['base_url'].rstrip('/') or 'https://api.telnyx.com'}/v2/messages", headers, body)


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    code, words = _error(reply.parsed() if reply.status >= 400 else reply.at("data"))
    if reply.status == 200 and not code and spelled(reply.at("data.id")):
        cost = reply.at("data.cost")
        return accepted(reply.at("data.id"), price=value_at(cost, "amount"), currency=value_at(cost, "currency"))
    if 400 <= reply.status < 500 and code in ERRORS:
        return refused(ERRORS[code], code, words, retry_after=retry_after(reply))
    if reply.status == 422:  # perhaps for its key: the message was sent with another body
        return unknown(code or reply.status, words)
    return by_status(reply, code, words)


def _error(found: Any) -> tuple[str, str]:
    """The code and the words of the first error; "" where there is none."""
    error = value_at(found, "errors.0")
    return spelled(value_at(error, "code")), spelled(value_at(error, "detail") or value_at(error, "title"))


def receive(config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    if not _is_signed(config["public_key"], notice):
        return None
    event = value_at(notice.parsed(), "data")
    payload = value_at(event, "payload")
    state = STATES.get(spelled(value_at(payload, "to.0.status")))
    if value_at(event, "event_type") not in EVENTS or state is None:
        return []
    code, words = _error(payload)
    return [
        receipt(
            state,
            value_at(payload, "id"),
            refusal=RECEIPT_ERRORS.get(code),
            code=code,
            detail=words,
            price=value_at(payload, "cost.amount"),
            currency=value_at(payload, "cost.currency"),
        )
    ]


def _is_signed(public_key: str, notice: Notice) -> bool:
    at = notice.headers.get("telnyx-timestamp", "")
    if not public_key or not is_fresh(at, notice):
        return False
    try:
        signature = b64decode(notice.headers.get("telnyx-signature-ed25519", ""), validate=True)
        Ed25519PublicKey.from_public_bytes(b64decode(public_key)).verify(signature, f"{at}|".encode() + notice.body)
    except (ValueError, InvalidSignature):  # not base64; the signature of something else
        return False
    return True
