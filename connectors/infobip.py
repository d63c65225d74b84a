"""Infobip SMS, API version 3.

https://www.infobip.com/docs/api/channels/sms/outbound-sms/send-sms-messages
https://www.infobip.com/docs/developer-resources/api-fundamentals/message-status-codes      statuses, in a reply of 200
https://www.infobip.com/docs/developer-resources/api-fundamentals/error-code-reference      errors, in receipts
"""

from __future__ import annotations

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
    spelled,
    unknown,
    value_at,
)
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from settings.fields import N_, Field, Kind

TITLE = "Infobip"
SUMMARY = N_("SMS to almost every country, with an account at infobip.com.")

FIELDS = (
    Field(
        "host",
        N_("API host"),
        required=True,
        pattern=r"([a-z0-9-]{1,40}\.)?api[a-z0-9-]{0,20}\.infobip\.com",
        hint=N_("Type the host without https:// and without a path, such as abc123.api.infobip.com."),
        help=N_("The API base URL on the first page of Infobip's portal: each account has its own."),
    ),
    Field(
        "api_key",
        N_("API key"),
        required=True,
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("An API key has no spaces."),
        help=N_("In the portal under Developer Tools, API keys. It needs the scope sms:message:send."),
    ),
    Field(
        "sender",
        N_("Sender"),
        required=True,
        pattern=r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}",
        hint=N_(
            "Type a number with + and country code, a short code, or a name of up to 11 letters, digits and spaces."
        ),
        help=N_("The number, short code or name that messages come from, as registered with Infobip."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of the host above."),
    ),
)

# By status.id. 23, a repeated messageId, cannot come: we send none, for it would refuse a second attempt too.
# https://www.infobip.com/docs/developer-resources/api-fundamentals/message-status-codes
ERRORS = {
    **dict.fromkeys(("8", "51", "52"), Refusal.BAD_NUMBER),
    # 10 a do-not-disturb list, 14 the account's block list, 87 kept back as fraud
    **dict.fromkeys(("10", "14", "87"), Refusal.BLOCKED),
    **dict.fromkeys(("12", "17"), Refusal.NO_BALANCE),
    "20": Refusal.THROTTLED,  # 6 of the same text or 20 texts to a number within an hour
    # 6 and 19 network or route not set up, 11 and 13 the sender, 18 a trial's one number, 24 and 25 the text
    **dict.fromkeys(("6", "11", "13", "18", "19", "24", "25"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("21", "31"), Refusal.TEMPORARY),
}

# By error.id. https://www.infobip.com/docs/developer-resources/api-fundamentals/error-code-reference
# 0 is no error, and then the status tells.
RECEIPT_ERRORS = {
    **dict.fromkeys(("1", "5", "9", "11", "12"), Refusal.BAD_NUMBER),
    "13": Refusal.BLOCKED,
    **dict.fromkeys(("4103", "4104"), Refusal.THROTTLED),
    **dict.fromkeys(("6", "27", "31", "32", "34"), Refusal.TEMPORARY),
}

PENDING, UNDELIVERABLE, DELIVERED, EXPIRED, REJECTED = "1", "2", "3", "4", "5"  # status.groupId
TO_OPERATOR, NOT_KNOWN = "2", "29"  # status.id: the first is of group 3 and not the end; the second of group 4

LONGEST_VALIDITY = 48 * 3600  # seconds


def build(config: Mapping[str, Any], message: Message) -> Request:
    """Infobip finds the encoding itself. ``callbackData`` comes back with the receipt."""
    text = {
        "sender": config["sender"].removeprefix("+"),
        "destinations": [{"to": message.digits}],
        "content": {"text": message.text},
        "options": {"validityPeriod": {"amount": max(1, min(message.life, LONGEST_VALIDITY)), "timeUnit": "SECONDS"}},
    }
    if message.receipt_url:
        text["webhooks"] = {
            "delivery": {"url": message.receipt_url},
            "contentType": "application/json",
            "callbackData": message.id,
        }
    headers = {
        "Authorization": f"App {config['api_key']}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    base = config["base_url"].rstrip("/") or f"https://{config['host']}"
    return Request("POST", f"{base}/sms/3/messages", headers, json.dumps({"messages": [text]}).encode())


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    """A refusal comes in a reply of 200; where the whole request is refused, in one of 4xx."""
    if reply.status != 200:
        code = spelled(reply.at("errorCode") or reply.at("requestError.serviceException.messageId"))
        return by_status(reply, code, reply.at("description") or reply.at("requestError.serviceException.text"))
    message = reply.at("messages.0")
    group, code = _numbers(message)
    words = value_at(message, "status.description")
    if group in (PENDING, DELIVERED) and spelled(value_at(message, "messageId")):
        return accepted(value_at(message, "messageId"))
    if code in ERRORS or (group == REJECTED and code):
        return refused(ERRORS.get(code, Refusal.SENDER_OR_TEMPLATE), code, words)
    return unknown(code or reply.status, words)


def _numbers(found: Any) -> tuple[str, str]:
    """The numbers of the status: of its group, and its own."""
    return spelled(value_at(found, "status.groupId")), spelled(value_at(found, "status.id"))


def receive(_config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """Infobip does not sign: the secret in the address is the proof. One request may bring a hundred reports."""
    results = notice.json().get("results")
    return [found for each in (results if isinstance(results, list) else ()) for found in _receipts(each)]


def _receipts(report: Any) -> list[Receipt]:
    group, code = _numbers(report)
    if group == DELIVERED:
        state = ReceiptState.SENT if code == TO_OPERATOR else ReceiptState.DELIVERED
    elif group in (UNDELIVERABLE, EXPIRED, REJECTED) and code != NOT_KNOWN:
        state = ReceiptState.FAILED
    else:
        return []
    refusal, told = ERRORS.get(code), "status"
    error = spelled(value_at(report, "error.id"))
    if error not in ("", "0"):
        code, refusal, told = error, RECEIPT_ERRORS.get(error, refusal), "error"
    return [
        receipt(
            state,
            value_at(report, "messageId"),
            message_id=value_at(report, "callbackData"),
            refusal=refusal,
            code=code,
            detail=value_at(report, f"{told}.description"),
            price=value_at(report, "price.pricePerMessage"),
            currency=value_at(report, "price.currency"),
        )
    ]
