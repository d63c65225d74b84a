"""Africa's Talking.

https://developers.africastalking.com/docs/sms/sending/bulk
https://developers.africastalking.com/docs/sms/notifications      receipts and their reasons

A refusal comes with status 201 like any other answer: the number beside the recipient tells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from connectors.contract import Answer, Message, Refusal, Reply, Request, accepted, by_status, refused, spelled
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from settings.fields import N_, Field, Kind

TITLE = "Africa's Talking"
SUMMARY = N_("SMS to African countries, with an account at africastalking.com.")

SANDBOX = "sandbox"
FIELDS = (
    Field(
        "username",
        N_("User name of the app"),
        required=True,
        pattern=r"[A-Za-z0-9._-]+",
        hint=N_("Type the app's user name, not the e-mail address that you sign in with."),
        help=N_("sandbox, with a key of the sandbox, sends to the simulator only."),
    ),
    Field(
        "api_key",
        N_("API key"),
        required=True,
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("An API key has no spaces."),
        help=N_("In the app's settings. A new one works after some minutes."),
    ),
    Field(
        "sender",
        N_("Sender"),
        pattern=r"[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 _.-]{1,11}",
        hint=N_("Type a short code, or a name of up to 11 characters with a letter."),
        help=N_("A short code or a name that is registered for your app. Empty: the shared one."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://api.africastalking.com."),
    ),
)

SENT = {"100", "101", "102"}  # processed, sent, queued
# https://developers.africastalking.com/docs/sms/sending/bulk: by number, and by the word that stands in its place where
# there are no recipients. Left out, as the message may yet go out: 401 RiskHold, 500 and 501, errors of theirs.
ERRORS = {
    **dict.fromkeys(("402", "InvalidSenderId"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("403", "InvalidPhoneNumber"), Refusal.BAD_NUMBER),
    **dict.fromkeys(("404", "UnsupportedNumberType"), Refusal.BAD_NUMBER),
    **dict.fromkeys(("405", "InsufficientBalance"), Refusal.NO_BALANCE),
    **dict.fromkeys(("406", "UserInBlacklist"), Refusal.BLOCKED),
    **dict.fromkeys(("407", "CouldNotRoute"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("409", "DoNotDisturbRejection"), Refusal.BLOCKED),
    **dict.fromkeys(("502", "RejectedByGateway"), Refusal.SENDER_OR_TEMPLATE),
}

# failureReason, or the status where it says as much.
RECEIPT_ERRORS = {
    **dict.fromkeys(("UserDoesNotExist", "NotNetworkSubcriber", "UserIsInactive"), Refusal.BAD_NUMBER),  # sic
    **dict.fromkeys(("UserInBlackList", "DoNotDisturbRejection", "UserAccountSuspended"), Refusal.BLOCKED),
    "InsufficientCredit": Refusal.NO_BALANCE,
    **dict.fromkeys(("InvalidLinkId", "UserNotSubscribedToProduct"), Refusal.SENDER_OR_TEMPLATE),
    "AbsentSubscriber": Refusal.TEMPORARY,
    "Expired": Refusal.SENDER_OR_TEMPLATE,  # the operator's filter did not like the sender or the text
}
STATES = {
    "Sent": ReceiptState.SENT,
    "Submitted": ReceiptState.SENT,
    "Buffered": ReceiptState.SENT,
    "Success": ReceiptState.DELIVERED,
    **dict.fromkeys(("Failed", "Rejected", "AbsentSubscriber", "Expired"), ReceiptState.FAILED),
}


def build(config: Mapping[str, Any], message: Message) -> Request:
    """The parameters in the order of their own library. The receipt address belongs to the app, not to the message."""
    parameters = {
        "username": config["username"],
        "to": message.to,
        "message": message.text,
        "bulkSMSMode": "1",
        "from": config["sender"],
    }
    headers = {
        "apiKey": config["api_key"],
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    host = "api.sandbox.africastalking.com" if config["username"] == SANDBOX else "api.africastalking.com"
    base = config["base_url"].rstrip("/") or f"https://{host}"
    body = urlencode({name: value for name, value in parameters.items() if value}).encode()
    return Request("POST", f"{base}/version1/messaging", headers, body)


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    recipient = "SMSMessageData.Recipients.0"
    code, status = spelled(reply.at(f"{recipient}.statusCode")), spelled(reply.at(f"{recipient}.status"))
    said = spelled(reply.at("SMSMessageData.Message"))
    provider_id = spelled(reply.at(f"{recipient}.messageId"))
    if reply.status == 201 and code in SENT and provider_id not in ("", "None"):
        currency, price = _cost(spelled(reply.at(f"{recipient}.cost")))
        return accepted(provider_id, price=price, currency=currency)
    named = next((word for word in (code, status, said) if word in ERRORS), "")
    if named and reply.status < 500:
        return refused(ERRORS[named], named, status or said)
    return by_status(reply, code, status or said or reply.body[:200].decode(errors="replace"))


def _cost(told: str) -> tuple[str, str]:
    """Currency and price out of ``KES 0.8000``; both empty where it is anything else."""
    found = re.fullmatch(r"([A-Z]{3}) ([0-9.]{1,20})", told)
    return (found[1], found[2]) if found else ("", "")


def receive(_config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """A form, and unsigned: the secret in the address is the proof."""
    form = notice.form()
    status = form.get("status", "")
    state, provider_id = STATES.get(status), form.get("id")
    if state is None or not provider_id:
        return []
    code = form.get("failureReason") or status
    return [receipt(state, provider_id, refusal=RECEIPT_ERRORS.get(code), code=code)]
