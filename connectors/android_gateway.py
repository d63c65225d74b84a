"""SMS Gateway for Android: an Android phone sends, through its cloud, a server of one's own, or itself.

https://docs.sms-gate.app/features/sending-messages/
https://docs.sms-gate.app/features/webhooks/                the signature of receipts
https://docs.sms-gate.app/faq/errors/

A message's id is ours. The server keeps it unique for each device, so a repeat is refused with 409 only where both go
to the same device: that is why the device must be named. On the phone itself the id is the key of its table.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from connectors.contract import (
    Answer,
    Message,
    Refusal,
    Reply,
    Request,
    accepted,
    basic_auth,
    by_status,
    refused,
    retry_after,
    spelled,
)
from connectors.receipts import Notice, Receipt, ReceiptState, is_fresh, receipt, same
from settings.fields import N_, Field, Kind, Problem

TITLE = "SMS Gateway for Android"
SUMMARY = N_("A phone of your own sends, with the app from sms-gate.app.")

CLOUD = "https://api.sms-gate.app/3rdparty/v1"
FIELDS = (
    Field(
        "base_url",
        N_("Address"),
        Kind.URL,
        CLOUD,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("Empty: the app's cloud. A server of yours ends in /3rdparty/v1; the phone itself has no path."),
    ),
    Field(
        "username",
        N_("User name"),
        required=True,
        pattern=r"[!-9;-~]+",
        hint=N_("A user name has no spaces and no colon."),
        help=N_("The app's first page shows it, for the cloud and for the phone itself."),
    ),
    Field("password", N_("Password"), required=True, secret=True, help=N_("Below the user name.")),
    Field(
        "device_id",
        N_("Device ID"),
        pattern=r"[A-Za-z0-9_-]{1,64}",
        hint=N_("Type the device ID as the app shows it."),
        help=N_("Which phone sends. Without it, a repeated message might be sent by another one."),
    ),
    Field("sim_number", N_("SIM card"), Kind.NUMBER, 0, minimum=0, maximum=3, help=N_("0: as the app is set.")),
    Field(
        "signing_key",
        N_("Signing key"),
        secret=True,
        help=N_("Proves that receipts are the phone's. In the app's settings, under Webhooks. Empty: no receipts."),
    ),
)

# What "error" or the words of "message" say: the first that is found.
ERRORS = {
    "QueueLimitExceeded": Refusal.TEMPORARY,  # the phone is off, or slow
    "phone in row": Refusal.BAD_NUMBER,
    "invalid phone": Refusal.BAD_NUMBER,
    "No devices": Refusal.SENDER_OR_TEMPLATE,
    "Invalid device": Refusal.SENDER_OR_TEMPLATE,
}

# https://docs.sms-gate.app/faq/errors/ and https://developer.android.com/reference/android/telephony/SmsManager
RECEIPT_ERRORS = {
    "RESULT_ERROR_LIMIT_EXCEEDED": Refusal.THROTTLED,
    **dict.fromkeys(("RESULT_ERROR_NO_SERVICE", "RESULT_ERROR_RADIO_OFF"), Refusal.TEMPORARY),
    **dict.fromkeys(("RESULT_RADIO_NOT_AVAILABLE", "RESULT_NETWORK_ERROR"), Refusal.TEMPORARY),
    **dict.fromkeys(("RESULT_NO_DEFAULT_SMS_APP", "RESULT_INVALID_SMSC_ADDRESS"), Refusal.SENDER_OR_TEMPLATE),
    "RESULT_ERROR_FDN_CHECK_FAILURE": Refusal.SENDER_OR_TEMPLATE,  # the SIM sends to some numbers only
    "No SIMs found": Refusal.SENDER_OR_TEMPLATE,
}
STATES = {
    "sms:sent": ReceiptState.SENT,
    "sms:delivered": ReceiptState.DELIVERED,
    "sms:failed": ReceiptState.FAILED,
}

SHORTEST_LIFE = 5  # seconds
FIRST = 100  # from this priority on, the app's delays and limits for bulk messages do not hold a message back


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    if config["device_id"] or _is_the_phone(config):
        return {}
    return {"device_id": Problem(N_("Say which phone sends: a message that is repeated must go to the same one."))}


def _base(config: Mapping[str, Any]) -> str:
    return str(config["base_url"] or CLOUD).rstrip("/")


def _is_the_phone(config: Mapping[str, Any]) -> bool:
    """Its address has no path; the servers' always has one."""
    return not urlsplit(_base(config)).path


def build(config: Mapping[str, Any], message: Message) -> Request:
    body: dict[str, Any] = {
        "phoneNumbers": [message.to],
        "textMessage": {"text": message.text},
        "withDeliveryReport": True,
        "ttl": max(SHORTEST_LIFE, message.life),
        "id": message.id,
        "priority": FIRST,
    }
    if config["device_id"]:
        body["deviceId"] = config["device_id"]
    if config["sim_number"]:
        body["simNumber"] = config["sim_number"]
    headers = {
        "Authorization": basic_auth(config["username"], config["password"]),
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    path = "message" if _is_the_phone(config) else "messages"
    return Request("POST", f"{_base(config)}/{path}", headers, json.dumps(body).encode())


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    answer = reply.json()
    if reply.status == 202 and spelled(answer.get("id")):
        return accepted(answer["id"])
    if reply.status == 409:  # taken at an earlier attempt, whose reply was lost
        return accepted()
    words = " ".join(filter(None, (spelled(answer.get("error")), spelled(answer.get("message")))))
    named = next((phrase for phrase in ERRORS if phrase in words), "")
    if named and reply.status in (400, 503):
        return refused(ERRORS[named], named, words, retry_after=retry_after(reply))
    return by_status(reply, detail=words)


def receive(config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """The phone signs each attempt anew: HMAC-SHA256 of the body and the time, one straight after the other."""
    timestamp = notice.headers.get("x-timestamp", "")
    if not config["signing_key"] or not is_fresh(timestamp, notice):
        return None
    digest = hmac.new(config["signing_key"].encode(), notice.body + timestamp.encode(), hashlib.sha256).hexdigest()
    if not same(digest, notice.headers.get("x-signature")):
        return None
    told = notice.json()
    state, payload = STATES.get(spelled(told.get("event"))), told.get("payload")
    if state is None or not isinstance(payload, dict):
        return []
    reason = spelled(payload.get("reason"))
    code = next((name for name in RECEIPT_ERRORS if name in reason), "") or _name(reason)
    refusal = RECEIPT_ERRORS.get(code)
    return [receipt(state, message_id=payload.get("messageId"), refusal=refusal, code=code, detail=reason)]


def _name(reason: str) -> str:
    """Android's name of the result, where the words have one."""
    found = re.search(r"\bRESULT_[A-Z_]+", reason)
    return found[0] if found else ""
