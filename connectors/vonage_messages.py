"""Vonage Messages API, its SMS channel.

https://developer.vonage.com/en/api/messages
https://developer.vonage.com/en/messages/technical-details#authentication     a token (JWT), or key and secret
https://developer.vonage.com/api-errors/messages                              the codes
https://developer.vonage.com/en/getting-started/concepts/webhooks             the signature of receipts
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
    basic_auth,
    by_status,
    refused,
    retry_after,
    spelled,
)
from connectors.receipts import Notice, Receipt, ReceiptState, is_fresh, receipt, same
from connectors.tokens import application_token, is_rsa_key, signed_claims
from settings.fields import N_, Field, Kind, Problem

TITLE = "Vonage Messages"
SUMMARY = N_("SMS to almost every country, with an account at vonage.com. The newer of Vonage's two APIs.")

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
        "application_id",
        N_("Application ID"),
        pattern=r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        hint=N_("An Application ID has 32 characters from 0-9 and a-f, in five groups."),
        help=N_("An application with the Messages capability. Without one there are no receipts."),
    ),
    Field(
        "private_key",
        N_("Private key"),
        Kind.LONG_TEXT,
        secret=True,
        help=N_("The whole file private.key of the application."),
    ),
    Field(
        "api_secret",
        N_("API secret"),
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("A secret has no spaces."),
        help=N_("Below the API key. Not used where you give an application."),
    ),
    Field(
        "signature_secret",
        N_("Signature secret"),
        secret=True,
        pattern=r"[!-~]{16,}",
        hint=N_("Use at least 16 characters and no spaces."),
        help=N_("In the dashboard, under API settings. Proves receipts; without it there are none."),
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
        "region",
        N_("Region"),
        Kind.CHOICE,
        "api",
        choices=(
            ("api", N_("The nearest")),
            ("api-eu", N_("Europe")),
            ("api-us", N_("United States")),
            ("api-ap", N_("Asia and Pacific")),
        ),
        help=N_("Where messages are handled."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://api.nexmo.com."),
    ),
)

ERRORS = {
    # https://developer.vonage.com/api-errors/messages#1060 (suspended), 1080 (SMPP only), 1110 (the signature)
    **dict.fromkeys(("1060", "1080", "1110"), Refusal.BAD_CREDENTIALS),
    # 1170; 1040: no such prefix; 1190: no longer active; 1250, 1251, 1260, 1300: no way to it; 1430
    **dict.fromkeys(("1040", "1170", "1190", "1200", "1250", "1251", "1260", "1300", "1430"), Refusal.BAD_NUMBER),
    # 1240 (opted out), 1050, 1280 (barred), 1210 (taken for spam), 1270 (too young), 1290 (the recipient's own credit)
    **dict.fromkeys(("1050", "1210", "1240", "1270", "1280", "1290"), Refusal.BLOCKED),
    # 1470 and on: rules of Vonage's own guard against fraud
    **dict.fromkeys(("1470", "1471", "1472", "1473", "1474", "1475", "1476"), Refusal.BLOCKED),
    "1070": Refusal.NO_BALANCE,
    # 1000; 1241: this number had too many; 1460: so had the day
    **dict.fromkeys(("1000", "1241", "1460"), Refusal.THROTTLED),
    # 1120, 1420: the sender; 1480 and on: rules of the country, such as India's DLT
    **dict.fromkeys(("1120", "1420", "1480", "1481", "1482", "1483", "1484"), Refusal.SENDER_OR_TEMPLATE),
    # 1010: the request; 1140, 1160: not allowed to this account
    **dict.fromkeys(("1010", "1020", "1090", "1130", "1140", "1150", "1160"), Refusal.SENDER_OR_TEMPLATE),
    # 1100: not submitted, because the line failed. 1030, an internal error, is left out: it may have sent.
    "1100": Refusal.TEMPORARY,
}

# Of receipts also: the phone switched off or busy, the network.
RECEIPT_ERRORS = ERRORS | dict.fromkeys(("1180", "1220", "1230"), Refusal.TEMPORARY)
STATES = {
    "submitted": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "read": ReceiptState.DELIVERED,
    "rejected": ReceiptState.FAILED,
    "undeliverable": ReceiptState.FAILED,
}

SHORTEST_LIFE, LONGEST_LIFE = 20, 604_800  # seconds


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    if bool(config["application_id"]) != bool(config["private_key"]):
        missing = "private_key" if config["application_id"] else "application_id"
        return {missing: Problem(N_("An application is its ID and its private key: give both or none."))}
    if config["private_key"] and not is_rsa_key(config["private_key"]):
        return {"private_key": Problem(N_("Paste the whole file, from -----BEGIN PRIVATE KEY----- to the end."))}
    if not (config["private_key"] or config["api_secret"]):
        return {"application_id": Problem(N_("Give an application, or the API secret."))}
    return {}


def build(config: Mapping[str, Any], message: Message) -> Request:
    """The names in the order of Vonage's own libraries."""
    body: dict[str, Any] = {"to": message.digits, "client_ref": message.id}
    # Without an application Vonage reports nothing; without the secret the report could not be verified.
    if message.receipt_url and config["private_key"] and config["signature_secret"]:
        body |= {"webhook_url": message.receipt_url, "webhook_version": "v1"}
    body |= {
        "from": config["sender"],
        "text": message.text,
        "ttl": min(max(message.life, SHORTEST_LIFE), LONGEST_LIFE),
        "sms": {"encoding_type": "auto"},
        "channel": "sms",
        "message_type": "text",
    }
    headers = {
        "Authorization": _authorization(config, message),
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    base = config["base_url"].rstrip("/") or f"https://{config['region']}.nexmo.com"
    return Request("POST", f"{base}/v1/messages", headers, json.dumps(body).encode())


def _authorization(config: Mapping[str, Any], message: Message) -> str:
    if not config["private_key"]:
        return basic_auth(config["key_id"], config["api_secret"])
    token = application_token(config["application_id"], config["private_key"], message.sent_at, message.nonce)
    return f"Bearer {token}"


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    problem = reply.json()
    if reply.status == 202 and spelled(problem.get("message_uuid")):
        return accepted(problem["message_uuid"])
    code, words = _code(problem), problem.get("detail") or problem.get("title")
    if reply.status >= 400 and code in ERRORS:
        return refused(ERRORS[code], code, words, retry_after=retry_after(reply))
    return by_status(reply, code, words)


def _code(problem: Mapping[str, Any]) -> str:
    """Of a problem (RFC 9457): what follows the # in its type."""
    return spelled(problem.get("type")).partition("#")[2]


def receive(config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    if not config["signature_secret"] or not _is_signed(config, notice):
        return None
    found = notice.json()
    state = STATES.get(spelled(found.get("status")))
    if state is None:
        return []
    error, usage = (found[name] if isinstance(found.get(name), dict) else {} for name in ("error", "usage"))
    code = _code(error) or spelled(error.get("title"))
    return [
        receipt(
            state,
            found.get("message_uuid"),
            message_id=found.get("client_ref"),
            refusal=RECEIPT_ERRORS.get(code),
            code=code,
            detail=error.get("detail"),
            price=usage.get("price"),
            currency=usage.get("currency"),
        )
    ]


def _is_signed(config: Mapping[str, Any], notice: Notice) -> bool:
    """The token is signed, and holds the body's hash: Vonage's own libraries leave that and the age unchecked."""
    token = notice.headers.get("authorization", "").removeprefix("Bearer ")
    claims = signed_claims(token, config["signature_secret"]) or {}
    return (
        same(hashlib.sha256(notice.body).hexdigest(), claims.get("payload_hash"))
        and claims.get("api_key") == config["key_id"]
        and is_fresh(claims.get("iat"), notice)
    )
