"""MessageBird (now Bird), the REST API of rest.messagebird.com. Bird's newer API is another product.

https://developers.messagebird.com/api/sms-messaging/
https://developers.messagebird.com/api/#errors
https://developers.messagebird.com/docs/verify-http-requests     as in MessageBird's own library for Go, signature_jwt
https://docs.bird.com/api/channels-api/message-status-and-interactions/message-failure-sources/sms-platform-extended-error-codes
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

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
    value_at,
)
from connectors.receipts import Notice, Receipt, ReceiptState, is_fresh, receipt, same
from connectors.tokens import signed_claims
from settings.fields import N_, Field, Kind
from settings.segments import is_gsm

TITLE = "MessageBird"
SUMMARY = N_("SMS to almost every country, with an account at messagebird.com.")

FIELDS = (
    Field(
        "access_key",
        N_("Access key"),
        required=True,
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("An access key has no spaces."),
        help=N_("In the dashboard under Developers, API access. One that begins with test_ sends nothing."),
    ),
    Field(
        "sender",
        N_("Sender"),
        required=True,
        pattern=r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}",
        hint=N_(
            "Type a number with + and country code, a short code, or a name of up to 11 letters, digits and spaces."
        ),
        help=N_("The number, short code or name that messages come from."),
    ),
    Field(
        "signing_key",
        N_("Signing key"),
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("A signing key has no spaces."),
        help=N_("In the dashboard under Developers, Settings. Receipts are then believed only with a signature."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://rest.messagebird.com."),
    ),
)

# The code and, where it matters, the parameter that it is about. https://developers.messagebird.com/api/#errors
ERRORS = {
    "2": Refusal.BAD_CREDENTIALS,
    # "no (correct) recipients found"
    **dict.fromkeys(("9 recipient", "9 recipients", "10 recipient", "10 recipients"), Refusal.BAD_NUMBER),
    **dict.fromkeys(("9", "10", "20", "21", "98"), Refusal.SENDER_OR_TEMPLATE),
    "25": Refusal.NO_BALANCE,
    # 99, an internal error, is left out: it may have sent
}

# By statusErrorCode: those that Bird's page names, and of the same list of GSM's (3GPP TS 29.002) the plain ones.
RECEIPT_ERRORS = {
    **dict.fromkeys(("1", "2", "3", "5", "9", "11", "12"), Refusal.BAD_NUMBER),
    "13": Refusal.BLOCKED,  # barred
    **dict.fromkeys(("6", "27", "31", "32", "34"), Refusal.TEMPORARY),
}
STATES = {
    "sent": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "delivery_failed": ReceiptState.FAILED,
    "expired": ReceiptState.FAILED,
}


def build(config: Mapping[str, Any], message: Message) -> Request:
    """Numbers without their +. "plain" turns characters that GSM-7 lacks into others, so Unicode is said."""
    values = {
        "reference": message.id,
        "originator": config["sender"].removeprefix("+"),
        "body": message.text,
        "recipients": message.digits,
        "validity": max(1, message.life),
        "datacoding": "plain" if is_gsm(message.text) else "unicode",
        "reportUrl": message.receipt_url,
    }
    headers = {
        "Authorization": f"AccessKey {config['access_key']}",
        "Content-Type": "application/json; charset=UTF-8",
        "Accept": "application/json",
    }
    base = config["base_url"].rstrip("/") or "https://rest.messagebird.com"
    return Request("POST", f"{base}/messages", headers, json.dumps({k: v for k, v in values.items() if v}).encode())


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    if reply.status == 201 and spelled(reply.at("id")):
        return accepted(reply.at("id"))
    error = reply.at("errors.0")
    code, words = spelled(value_at(error, "code")), value_at(error, "description")
    kind = ERRORS.get(f"{code} {spelled(value_at(error, 'parameter'))}") or ERRORS.get(code)
    if 400 <= reply.status < 500 and kind:
        return refused(kind, code, words, retry_after=retry_after(reply))
    return by_status(reply, code, words)


def receive(config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """A GET with the report in its query. Without a signing key the secret in the address is the proof."""
    if config["signing_key"] and not _is_signed(config["signing_key"], notice):
        return None
    report = notice.query()
    state = STATES.get(report.get("status", ""))
    if state is None:  # scheduled, buffered
        return []
    code = report.get("statusErrorCode", "")
    return [
        receipt(
            state,
            report.get("id"),
            message_id=report.get("reference"),
            refusal=RECEIPT_ERRORS.get(code),
            code=code,
            detail=report.get("statusReason"),
            price=report.get("price[amount]"),
            currency=report.get("price[currency]"),
        )
    ]


def _is_signed(signing_key: str, notice: Notice) -> bool:
    """A token with the hashes of the address and of the body, if there is one."""
    claims = signed_claims(notice.headers.get("messagebird-signature-jwt", ""), signing_key) or {}
    return (
        claims.get("iss") == "MessageBird"
        and is_fresh(claims.get("nbf"), notice)
        and same(_hash(notice.url.encode()), claims.get("url_hash"))
        and same(_hash(notice.body) if notice.body else "", claims.get("payload_hash") or "")
    )


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
