"""Plivo Messaging.

https://www.plivo.com/docs/messaging/api/messages/
https://www.plivo.com/docs/messaging/concepts/signature-validation     version 2; version 3 as in its libraries
https://plivo.com/docs/messaging/troubleshooting/error-codes           codes of receipts; replies have words only
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

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
    spelled,
)
from connectors.receipts import Notice, Receipt, ReceiptState, receipt, same
from settings.fields import N_, Field, Kind, Problem

TITLE = "Plivo"
SUMMARY = N_("SMS to many countries, with an account at plivo.com.")

FIELDS = (
    Field(
        "auth_id",
        N_("Auth ID"),
        required=True,
        pattern=r"(MA|SA)[A-Z0-9]{18}",
        hint=N_("An Auth ID is MA, or SA for a subaccount, and 18 capital letters and digits."),
        help=N_("On the first page of Plivo's console."),
    ),
    Field(
        "auth_token",
        N_("Auth Token"),
        required=True,
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("An Auth Token has no spaces."),
        help=N_("Below the Auth ID. It also proves receipts."),
    ),
    Field(
        "sender",
        N_("Sender"),
        pattern=r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}",
        hint=N_(
            "Type a number with + and country code, a short code, or a name of up to 11 letters, digits and spaces."
        ),
        help=N_("The Plivo number, short code or registered name that messages come from."),
    ),
    Field(
        "powerpack_uuid",
        N_("Powerpack UUID"),
        pattern=r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        hint=N_("A Powerpack UUID is 32 characters from 0-9 and a-f in five groups."),
        help=N_("In place of a sender: a pool of numbers from which Plivo chooses."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://api.plivo.com."),
    ),
)

# Plivo's refusals have no code: this is the list in which it puts numbers that are none. All others go by status.
ERRORS = {"invalid_number": Refusal.BAD_NUMBER}

RECEIPT_ERRORS = {
    # https://plivo.com/docs/messaging/troubleshooting/error-codes
    **dict.fromkeys(("50", "70"), Refusal.BAD_NUMBER),
    # 30 kept back as spam, 100 by the operator, 200 this person answered STOP
    **dict.fromkeys(("30", "100", "200"), Refusal.BLOCKED),
    "900": Refusal.NO_BALANCE,
    "910": Refusal.BAD_CREDENTIALS,
    # The text, the sender, the route; 450 the country is not among the account's geo permissions
    **dict.fromkeys(("10", "40", "60", "90", "110", "201", "450"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("20", "80", "300", "420"), Refusal.TEMPORARY),
}
STATES = {
    "sent": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "undelivered": ReceiptState.FAILED,
    "failed": ReceiptState.FAILED,
    "rejected": ReceiptState.FAILED,
}

# Seconds. The parameter is in Plivo's libraries; its limits are unverified.
SHORTEST_VALIDITY, LONGEST_VALIDITY = 5, 10_800


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    if bool(config["sender"]) == bool(config["powerpack_uuid"]):
        return {"sender": Problem(N_("Give a sender or a Powerpack, and not both."))}
    return {}


def build(config: Mapping[str, Any], message: Message) -> Request:
    """``log`` "false" keeps the text and the end of the number out of Plivo's logs. The address ends with a slash."""
    values = {
        "src": config["sender"],
        "powerpack_uuid": config["powerpack_uuid"],
        "dst": message.to,
        "text": message.text,
        "type": "sms",
        "log": "false",
        "message_expiry": max(SHORTEST_VALIDITY, min(message.life, LONGEST_VALIDITY)),
        "url": message.receipt_url,
        "method": "POST" if message.receipt_url else "",
    }
    headers = {
        "Authorization": basic_auth(config["auth_id"], config["auth_token"]),
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    base = config["base_url"].rstrip("/") or "https://api.plivo.com"
    body = json.dumps({name: value for name, value in values.items() if value}).encode()
    return Request("POST", f"{base}/v1/Account/{config['auth_id']}/Message/", headers, body)


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    """``message_uuid`` is a list, even of one."""
    if reply.status == 202 and spelled(reply.at("message_uuid.0")):
        return accepted(reply.at("message_uuid.0"))
    if reply.status in (202, 400) and spelled(reply.at("invalid_number.0")):
        return refused(ERRORS["invalid_number"], "invalid_number", reply.at("message"))
    return by_status(reply, detail=reply.at("error"))


def receive(config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    if not _is_signed(config["auth_token"], notice):
        return None
    form = notice.form()
    state = STATES.get(form.get("Status", ""))
    if state is None:  # queued
        return []
    part, _, parts = form.get("PartInfo", "").partition(" of ")
    if state is ReceiptState.DELIVERED and part != parts and parts:  # "1 of 2": a long text comes part by part
        state = ReceiptState.SENT
    code = form.get("ErrorCode", "")
    # Each part has a number of its own; that of the first is the one that we were told.
    provider_id = form.get("ParentMessageUUID") or form.get("MessageUUID")
    return [receipt(state, provider_id, refusal=RECEIPT_ERRORS.get(code), code=code)]


def _is_signed(auth_token: str, notice: Notice) -> bool:
    """Plivo documents the second version for messages and sends the third, which alone signs the fields too.

    Where a third one came it decides. A header may hold several signatures; ``ma`` is that of the main account.
    """
    for version, text in (("v3", f"{_address_and_fields(notice)}."), ("v2", _address(notice))):
        headers = (f"x-plivo-signature-{version}", f"x-plivo-signature-ma-{version}")
        theirs = [each.strip() for name in headers for each in notice.headers.get(name, "").split(",") if each]
        if theirs:
            nonce = notice.headers.get(f"x-plivo-signature-{version}-nonce", "")
            ours = b64encode(hmac.digest(auth_token.encode(), f"{text}{nonce}".encode(), hashlib.sha256)).decode()
            return any(same(ours, each) for each in theirs)
    return False


def _address(notice: Notice) -> str:
    return urlunsplit(urlsplit(notice.url)._replace(query="", fragment=""))


def _address_and_fields(notice: Notice) -> str:
    """As Plivo's libraries join them: the question mark is there without a query too, if there are fields."""
    query = "&".join(f"{name}={value}" for name, value in sorted(notice.query().items()))
    fields = "".join(name + value for name, value in sorted(notice.form().items()))
    return _address(notice) + ("?" if query or fields else "") + query + ("." if query and fields else "") + fields
