"""Sinch SMS, the REST API.

https://developers.sinch.com/docs/sms/api-reference/sms/batches               a batch of one message
https://developers.sinch.com/docs/sms/api-reference/status-codes/             statuses and codes of refusals
https://developers.sinch.com/docs/sms/api-reference/sms/delivery-reports      states, and codes of receipts
https://developers.sinch.com/docs/sms/api-reference/sms/tag/Webhooks/
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
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
)
from connectors.receipts import Notice, Receipt, ReceiptState, is_fresh, receipt, same
from settings.fields import N_, Field, Kind

TITLE = "Sinch"
SUMMARY = N_("SMS to almost every country, with an account at sinch.com.")

FIELDS = (
    Field(
        "service_plan_id",
        N_("Service plan ID"),
        required=True,
        pattern=r"[A-Za-z0-9_-]{1,64}",
        hint=N_("A service plan ID has only letters, digits and the signs - and _."),
        help=N_("In the Sinch dashboard under SMS, Service APIs."),
    ),
    Field(
        "api_token",
        N_("API token"),
        required=True,
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("An API token has no spaces."),
        help=N_("Beside the service plan ID."),
    ),
    Field(
        "region",
        N_("Region"),
        Kind.CHOICE,
        "us",
        choices=(
            ("us", N_("United States")),
            ("eu", N_("Europe")),
            ("au", N_("Australia")),
            ("br", N_("Brazil")),
            ("ca", N_("Canada")),
        ),
        help=N_("Where the service plan was made. Its token works there only."),
    ),
    Field(
        "sender",
        N_("Sender"),
        pattern=r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}",
        hint=N_(
            "Type a number with + and country code, a short code, or a name of up to 11 letters, digits and spaces."
        ),
        help=N_("Empty: the sender that the service plan has for each country."),
    ),
    Field(
        "webhook_secret",
        N_("Webhook secret"),
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("A secret has no spaces."),
        help=N_("Where Sinch signs its receipts: they are then believed only with a signature."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://us.sms.api.sinch.com."),
    ),
)

# https://developers.sinch.com/docs/sms/api-reference/status-codes/
ERRORS = {
    "blocked_account": Refusal.BAD_CREDENTIALS,
    "illegal_number_type": Refusal.BAD_NUMBER,  # a number of a kind that cannot be sent to in that region
    # A wrong format does not say whose: the number's, the sender's or another.
    "syntax_invalid_parameter_format": Refusal.SENDER_OR_TEMPLATE,
    "syntax_invalid_json": Refusal.SENDER_OR_TEMPLATE,
    "syntax_constraint_violation": Refusal.SENDER_OR_TEMPLATE,
    "missing_callback_url": Refusal.SENDER_OR_TEMPLATE,
}

RECEIPT_ERRORS = {
    # https://developers.sinch.com/docs/sms/smpp/10dlc-errors (152 takes no messages)
    **dict.fromkeys(("152", "300"), Refusal.BAD_NUMBER),
    **dict.fromkeys(("15", "62"), Refusal.BLOCKED),
    "64": Refusal.THROTTLED,
    **dict.fromkeys(("60", "310"), Refusal.SENDER_OR_TEMPLATE),
    # https://developers.sinch.com/docs/sms/api-reference/sms/delivery-reports
    # 405 parameters, 410 no sender for this country, 411 too many parts, 412 a region that the account has not
    **dict.fromkeys(("405", "410", "411", "412"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("403", "404", "406"), Refusal.TEMPORARY),
    "413": Refusal.BAD_CREDENTIALS,  # the account is blocked
}
STATES = {
    "Dispatched": ReceiptState.SENT,
    "Unknown": ReceiptState.SENT,  # the operator has it and tells no more
    "Delivered": ReceiptState.DELIVERED,
    **dict.fromkeys(
        ("Aborted", "Canceled", "Cancelled", "Deleted", "Expired", "Failed", "Rejected"), ReceiptState.FAILED
    ),
}

LONGEST_VALIDITY = 3 * 24 * 3600  # seconds


def build(config: Mapping[str, Any], message: Message) -> Request:
    """A report of each recipient tells more states than a summary, and a batch of one has one recipient."""
    expires = datetime.fromtimestamp(message.sent_at + max(1, min(message.life, LONGEST_VALIDITY)), UTC)
    values = {
        "to": [message.to],
        "from": config["sender"],
        "body": message.text,
        "type": "mt_text",
        "delivery_report": "per_recipient" if message.receipt_url else "none",
        "client_reference": message.id,
        "expire_at": expires.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "callback_url": message.receipt_url,
    }
    headers = {"Authorization": f"Bearer {config['api_token']}", "Content-Type": "application/json"}
    base = config["base_url"].rstrip("/") or f"https://{config['region']}.sms.api.sinch.com"
    body = json.dumps({name: value for name, value in values.items() if value}).encode()
    return Request("POST", f"{base}/xms/v1/{config['service_plan_id']}/batches", headers, body)


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    """``{"code", "text"}``, and of late ``{"error": {"code", "message"}}``, where the code is the status."""
    if reply.status == 201 and spelled(reply.at("id")):
        return accepted(reply.at("id"))
    code, words = spelled(reply.at("code")), reply.at("text") or reply.at("error.message")
    if 400 <= reply.status < 500 and code in ERRORS:
        return refused(ERRORS[code], code, words, retry_after=retry_after(reply))
    return by_status(reply, code, words)


def receive(config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """Without a webhook secret the secret in the address is the proof: Sinch signs only for those who asked."""
    if config["webhook_secret"] and not _is_signed(config["webhook_secret"], notice):
        return None
    report = notice.json()
    state = STATES.get(spelled(report.get("status")))
    if report.get("type") != "recipient_delivery_report_sms" or state is None:  # a message that came in; queued
        return []
    code = spelled(report.get("code"))
    return [
        receipt(
            state,
            report.get("batch_id"),
            message_id=report.get("client_reference"),
            refusal=RECEIPT_ERRORS.get(code),
            code=code,
        )
    ]


def _is_signed(secret: str, notice: Notice) -> bool:
    """HMAC-SHA256 whatever the header names as its algorithm."""
    at = notice.headers.get("x-sinch-webhook-signature-timestamp", "")
    signed = notice.body + f".{notice.headers.get('x-sinch-webhook-signature-nonce', '')}.{at}".encode()
    ours = b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()
    return is_fresh(at, notice) and same(ours, notice.headers.get("x-sinch-webhook-signature"))
