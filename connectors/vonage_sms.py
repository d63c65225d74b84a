"""Vonage SMS API (once Nexmo).

https://developer.vonage.com/en/api/sms
https://developer.vonage.com/en/messaging/sms/guides/troubleshooting-sms     the statuses; HTTP 200 for each of them
https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts       receipts and their codes
https://developer.vonage.com/en/getting-started/concepts/signing-messages    the signature, of both directions
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from connectors.contract import (
    Answer,
    Message,
    Refusal,
    Reply,
    Request,
    accepted,
    amount,
    basic_auth,
    by_status,
    refused,
    spelled,
    unknown,
)
from connectors.receipts import Notice, Receipt, ReceiptState, is_fresh, receipt, same
from settings.fields import N_, Field, Kind, Problem
from settings.segments import is_gsm

TITLE = "Vonage SMS"
SUMMARY = N_("SMS to almost every country, with an account at vonage.com. The older of Vonage's two APIs.")

FIELDS = (
    Field(
        "key_id",
        N_("API key"),
        required=True,
        pattern=r"[0-9A-Za-z]{8}",
        hint=N_("An API key has 8 letters and digits."),
        help=N_("On the first page of the Vonage dashboard."),
    ),
    Field(
        "api_secret",
        N_("API secret"),
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("A secret has no spaces."),
        help=N_("Below the API key. Not used where you give a signature secret."),
    ),
    Field(
        "signature_secret",
        N_("Signature secret"),
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("A secret has no spaces."),
        help=N_("Signs each request in place of the API secret. Receipts must then be signed too."),
    ),
    Field(
        "signature_method",
        N_("Signature method"),
        Kind.CHOICE,
        "md5hash",
        choices=(
            ("md5hash", N_("MD5 hash")),
            ("md5", "HMAC MD5"),
            ("sha1", "HMAC SHA-1"),
            ("sha256", "HMAC SHA-256"),
            ("sha512", "HMAC SHA-512"),
        ),
        help=N_("As it is set beside the signature secret in the dashboard."),
    ),
    Field(
        "sender",
        N_("Sender"),
        required=True,
        pattern=r"[0-9]{3,15}|(?=.*[A-Za-z])[A-Za-z0-9]{1,11}",
        hint=N_("Type a number without +, or a name of up to 11 letters and digits with a letter and no spaces."),
        help=N_("The Vonage number, short code or name that messages come from."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://rest.nexmo.com."),
    ),
)

ERRORS = {
    # https://developer.vonage.com/api-errors/sms (4 wrong, 8 suspended, 11 SMPP only, 14 and 32 the signature)
    **dict.fromkeys(("4", "8", "11", "14", "32"), Refusal.BAD_CREDENTIALS),
    # 6: no such prefix; 33: no longer active; 34: not a number
    **dict.fromkeys(("6", "33", "34"), Refusal.BAD_NUMBER),
    # 17 is not on the vendor's page; its libraries name it "blocked by provider"
    **dict.fromkeys(("7", "17"), Refusal.BLOCKED),
    "9": Refusal.NO_BALANCE,
    **dict.fromkeys(("1", "10"), Refusal.THROTTLED),
    # The sender (15), the text (12), the request (2, 3, 16, 20, 22, 23); 29: a good number, but a demo account
    **dict.fromkeys(("2", "3", "12", "15", "16", "20", "22", "23", "29"), Refusal.SENDER_OR_TEMPLATE),
    # Not submitted, because the line failed. 5, an internal error, is left out: it may have sent.
    "13": Refusal.TEMPORARY,
}

# Those of receipts (err-code). 1 and 99 say nothing.
RECEIPT_ERRORS = {
    # 3: no longer active; 5: not where its operator says; 11, 12: no way to it
    **dict.fromkeys(("3", "5", "11", "12"), Refusal.BAD_NUMBER),
    # 4: barred; 6: taken for spam; 9: opted out; 13: too young; 14: the operator; 15: the recipient's own credit
    **dict.fromkeys(("4", "6", "9", "13", "14", "15"), Refusal.BLOCKED),
    # 10: the text; 50 to 54: rules of the country, such as India's DLT
    **dict.fromkeys(("10", "50", "51", "52", "53", "54"), Refusal.SENDER_OR_TEMPLATE),
    # 2, 7: switched off, busy; 8: the network
    **dict.fromkeys(("2", "7", "8"), Refusal.TEMPORARY),
}
STATES = {
    "accepted": ReceiptState.SENT,
    "buffered": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "expired": ReceiptState.FAILED,
    "failed": ReceiptState.FAILED,
    "rejected": ReceiptState.FAILED,
}

SHORTEST_LIFE, LONGEST_LIFE = 20_000, 604_800_000  # milliseconds
LONGEST_CALLBACK = 100  # characters; a longer address is refused (23), one left out is that of the account


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    if config["api_secret"] or config["signature_secret"]:
        return {}
    return {"api_secret": Problem(N_("Give the API secret or the signature secret."))}


def build(config: Mapping[str, Any], message: Message) -> Request:
    """The parameters in the order of Vonage's own libraries. A signed request must hold no other proof (32)."""
    parameters = {
        "to": message.digits,
        "from": config["sender"],
        "text": message.text,
        "client-ref": message.id,
        "type": "" if is_gsm(message.text) else "unicode",  # what GSM-7 lacks would become question marks
        "ttl": str(min(max(message.life * 1000, SHORTEST_LIFE), LONGEST_LIFE)),
        "callback": message.receipt_url if len(message.receipt_url) <= LONGEST_CALLBACK else "",
    }
    parameters = {name: value for name, value in parameters.items() if value}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if config["signature_secret"]:
        parameters |= {"api_key": config["key_id"], "timestamp": str(message.sent_at)}
        parameters["sig"] = signature(config["signature_secret"], config["signature_method"], parameters)
    else:
        headers["Authorization"] = basic_auth(config["key_id"], config["api_secret"])
    base = config["base_url"].rstrip("/") or "https://rest.nexmo.com"
    return Request("POST", f"{base}/sms/json", headers, urlencode(parameters).encode())


def signature(secret: str, method: str, parameters: Mapping[str, str]) -> str:
    """In lower case; for either direction. Values are taken as they were before URL encoding."""
    plain = {name: value.replace("&", "_").replace("=", "_") for name, value in parameters.items() if name != "sig"}
    text = "".join(f"&{name}={value}" for name, value in sorted(plain.items())).encode(errors="replace")
    if method == "md5hash":
        return hashlib.md5(text + secret.encode(), usedforsecurity=False).hexdigest()
    return hmac.new(secret.encode(), text, method).hexdigest()


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    parts = reply.json().get("messages")
    if reply.status != 200 or not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return by_status(reply)
    statuses = {spelled(part.get("status")) for part in parts}
    if statuses == {"0"} and spelled(parts[0].get("message-id")):
        prices = [amount(part.get("message-price")) for part in parts]
        return accepted(parts[0]["message-id"], price=None if None in prices else sum(filter(None, prices)))
    codes = sorted(statuses - {"0"})
    code, words = (codes or [""])[0], next((part.get("error-text") for part in parts if "error-text" in part), "")
    if "0" not in statuses and code in ERRORS and statuses <= ERRORS.keys():
        return refused(ERRORS[code], code, words)
    return unknown(code, words)  # part of a long text may be on its way


def receive(config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """By GET, as a form or as JSON: the account's setting."""
    found = _parameters(notice)
    if config["signature_secret"] and not _is_signed(config, found, notice):
        return None
    state = STATES.get(found.get("status", ""))
    if state is None:
        return []
    code = found.get("err-code", "")
    ids = {"provider_id": found.get("messageId"), "message_id": found.get("client-ref")}
    return [receipt(state, **ids, refusal=RECEIPT_ERRORS.get(code), code=code, price=found.get("price"))]


def _parameters(notice: Notice) -> dict[str, str]:
    if notice.method == "GET":
        return notice.query()
    if found := notice.json():
        return {name: str(value) for name, value in found.items() if isinstance(value, str | int)}
    return notice.form()


def _is_signed(config: Mapping[str, Any], found: Mapping[str, str], notice: Notice) -> bool:
    ours = signature(config["signature_secret"], config["signature_method"], found)
    return same(ours, found.get("sig", "").lower()) and is_fresh(found.get("timestamp"), notice)
