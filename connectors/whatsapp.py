"""WhatsApp, over Meta's Cloud API.

https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/authentication-templates/copy-code-button-authentication-templates/
https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status/

A code goes out in an approved authentication template only. It is given twice: for the text, and for the button that
copies it, whose kind is "url" although it was made as "otp".
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.contract import (
    Answer,
    CannotBuildError,
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
from connectors.provider_templates import TEMPLATES, template_for, templates_problem
from connectors.receipts import Notice, Receipt, ReceiptState, receipt, same
from settings.fields import N_, Field, Kind, Problem

TITLE = "WhatsApp"
SUMMARY = N_("Codes to people who have WhatsApp, over Meta's Cloud API.")

VERSION = "v23.0"  # of May 2025
FIELDS = (
    Field(
        "phone_number_id",
        N_("Phone number ID"),
        required=True,
        pattern=r"[0-9]{5,20}",
        hint=N_("A phone number ID is digits only. It is not the phone number."),
        help=N_("In the app's dashboard, under WhatsApp, API setup."),
    ),
    Field(
        "access_token",
        N_("Access token"),
        required=True,
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("An access token has no spaces."),
        help=N_("Of a system user, with whatsapp_business_messaging. The one of the dashboard dies within a day."),
    ),
    TEMPLATES,
    Field(
        "app_secret",
        N_("App secret"),
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("An app secret has no spaces."),
        help=N_("Proves that receipts are Meta's. In the app's settings, under Basic. Empty: no receipts."),
    ),
    Field(
        "verify_token",
        N_("Verify token"),
        secret=True,
        pattern=r"[!-~]{8,}",
        hint=N_("Make up at least 8 characters without spaces."),
        help=N_("Any words of yours: type the same beside the receipt address in the app's dashboard."),
    ),
    Field(
        "version",
        N_("Version of the Graph API"),
        default=VERSION,
        pattern=r"v[0-9]{2}\.[0-9]",
        hint=N_("Type a version as Meta writes it, such as v23.0."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://graph.facebook.com."),
    ),
)
TEMPLATE = r"([a-z0-9_]{1,512}):([a-z]{2,3}(?:_[A-Z]{2,3})?)"

# All from https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes, which tells
# one to go by the code, not by the status. 1, 2, 131000 and 131016 are left out: Meta failed, and may have sent.
ERRORS = {
    # Authorisation. 3, a missing permission, comes with status 500.
    **dict.fromkeys(("3", "10", "190", "131005"), Refusal.BAD_CREDENTIALS),
    # The account is restricted or locked.
    **dict.fromkeys(("368", "131031"), Refusal.BAD_CREDENTIALS),
    "131042": Refusal.NO_BALANCE,
    # The app, the account, the number, this pair of numbers; 131048 and 131049 guard people against too many messages.
    **dict.fromkeys(("4", "80007", "130429", "131048", "131049", "131056"), Refusal.THROTTLED),
    "131050": Refusal.BLOCKED,
    "131021": Refusal.BAD_NUMBER,  # the sender's own
    # Not on WhatsApp, an old version, terms not accepted. Not a bad number: it may well take an SMS.
    "131026": Refusal.SENDER_OR_TEMPLATE,
    # The request, the sender, the country; 131030 is the list of five of a test number.
    **dict.fromkeys(("33", "100", "130472", "130497", "131008", "131009"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("131030", "131037", "131045", "131047", "131051", "133010"), Refusal.SENDER_OR_TEMPLATE),
    # The template.
    **dict.fromkeys(("132000", "132001", "132005", "132007"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("132012", "132015", "132016"), Refusal.SENDER_OR_TEMPLATE),
    "131057": Refusal.TEMPORARY,  # the account is in maintenance
}
RECEIPT_ERRORS = ERRORS  # the same codes, later
STATES = {
    "sent": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "read": ReceiptState.DELIVERED,
    "failed": ReceiptState.FAILED,
}


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    problem = templates_problem(config) or _language_problem(config["templates"])
    problems = {"templates": problem} if problem else {}
    if config["verify_token"] and not config["app_secret"]:
        problems["app_secret"] = Problem(N_("Receipts need the app secret too."))
    return problems


def _language_problem(templates: list[Mapping[str, Any]]) -> Problem | None:
    for number, template in enumerate(templates, 1):
        if not re.fullmatch(TEMPLATE, template["id"]):
            words = N_("Template %(number)s: as id, give its name, a colon and its language, such as my_code:en_US.")
            return Problem(words, {"number": number})
    return None


def build(config: Mapping[str, Any], message: Message) -> Request:
    template = template_for(config, message)
    name, _, language = template.id.partition(":")
    if not message.code:
        raise CannotBuildError("WhatsApp takes codes only, and this message has none.")
    components = [
        {"type": "body", "parameters": [_text(value) for value in template.values]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [_text(message.code)]},
    ]
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.to,
        "type": "template",
        "template": {"name": name, "language": {"code": language}, "components": components},
        "biz_opaque_callback_data": message.id,
    }
    headers = {
        "Authorization": f"Bearer {config['access_token']}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    base = config["base_url"].rstrip("/") or "https://graph.facebook.com"
    url = f"{base}/{config['version'] or VERSION}/{config['phone_number_id']}/messages"
    return Request("POST", url, headers, json.dumps(body).encode())


def _text(value: str) -> dict[str, str]:
    return {"type": "text", "text": value}


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    provider_id = spelled(reply.at("messages.0.id"))
    if reply.status == 200 and provider_id:
        return accepted(provider_id)
    code = spelled(reply.at("error.code"))
    words = reply.at("error.error_data.details") or reply.at("error.message")
    if reply.status >= 400 and code in ERRORS:
        return refused(ERRORS[code], code, words, retry_after=retry_after(reply))
    return by_status(reply, code, words)


def handshake(config: Mapping[str, Any], notice: Notice) -> bytes | None:
    """Meta asks once whether the address is ours, and wants its challenge back."""
    asked = notice.query()
    ours, challenge = config["verify_token"], asked.get("hub.challenge", "")
    if not ours or asked.get("hub.mode") != "subscribe" or not same(ours, asked.get("hub.verify_token")):
        return None
    return challenge.encode() if re.fullmatch(r"[A-Za-z0-9_-]{1,200}", challenge) else None


def receive(config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """Signed without a time: Meta tries for days, and a receipt that is played again changes nothing."""
    if not config["app_secret"]:
        return None
    digest = hmac.new(config["app_secret"].encode(), notice.body, hashlib.sha256).hexdigest()
    if not same(f"sha256={digest}", notice.headers.get("x-hub-signature-256")):
        return None
    return [_receipt(status) for status in _statuses(notice.json()) if spelled(status.get("status")) in STATES]


def _statuses(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in _objects(told.get("entry")):
        for change in _objects(entry.get("changes")):
            value = change.get("value")
            yield from _objects(value.get("statuses") if isinstance(value, dict) else None)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _receipt(status: Mapping[str, Any]) -> Receipt:
    error = next(iter(_objects(status.get("errors"))), {})
    code = spelled(error.get("code"))
    return receipt(
        STATES[spelled(status.get("status"))],
        status.get("id"),
        message_id=status.get("biz_opaque_callback_data"),
        refusal=RECEIPT_ERRORS.get(code),
        code=code,
        detail=error.get("title"),
    )
