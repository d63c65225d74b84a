"""Twilio Programmable Messaging.

https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
https://www.twilio.com/docs/iam/api-keys                 a key signs in, the path keeps the account
https://www.twilio.com/docs/global-infrastructure        edges and regions
https://www.twilio.com/docs/api/errors                   the codes, each on its own page below that address
https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
https://www.twilio.com/docs/usage/webhooks/webhooks-security
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

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
from connectors.receipts import Notice, Receipt, ReceiptState, receipt, same
from settings.fields import N_, Field, Kind, Problem

TITLE = "Twilio"
SUMMARY = N_("SMS to almost every country, with an account at twilio.com.")

FIELDS = (
    Field(
        "account_sid",
        N_("Account SID"),
        required=True,
        pattern=r"AC[0-9a-fA-F]{32}",
        hint=N_("An Account SID is AC and 32 characters from 0-9 and a-f. A key's SID (SK) goes below."),
        help=N_("On the first page of the Twilio console."),
    ),
    Field(
        "auth_token",
        N_("Auth Token"),
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("An Auth Token has no spaces."),
        help=N_("Below the Account SID. Not needed to send where you give an API key."),
    ),
    Field(
        "key_id",
        N_("API key SID"),
        pattern=r"SK[0-9a-fA-F]{32}",
        hint=N_("An API key SID is SK and 32 characters from 0-9 and a-f."),
        help=N_("Sends in place of the Auth Token: a key that you can revoke on its own."),
    ),
    Field("key_secret", N_("API key secret"), secret=True, pattern=r"[!-~]+", hint=N_("A secret has no spaces.")),
    Field(
        "sender",
        N_("Sender"),
        pattern=r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11}",
        hint=N_("Type a number with + and country code, a short code, or a name of up to 11 characters with a letter."),
        help=N_("The Twilio number, short code or registered name that messages come from."),
    ),
    Field(
        "messaging_service_sid",
        N_("Messaging Service SID"),
        pattern=r"MG[0-9a-fA-F]{32}",
        hint=N_("A Messaging Service SID is MG and 32 characters from 0-9 and a-f."),
        help=N_("Chooses a sender for each message; with a sender above, that one of the service."),
    ),
    Field(
        "edge",
        N_("Edge"),
        pattern=r"[a-z][a-z0-9-]{1,30}",
        hint=N_("Type an edge as Twilio writes it, such as dublin."),
        help=N_("Where requests enter Twilio's network. Empty: the nearest."),
    ),
    Field(
        "region",
        N_("Region"),
        pattern=r"[a-z]{2}[0-9]",
        hint=N_("Type a region as Twilio writes it, such as ie1."),
        help=N_("Where the account's data is kept. Its Auth Token and keys are those of the region."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://api.twilio.com."),
    ),
)

ERRORS = {
    # https://www.twilio.com/docs/api/errors/20003
    **dict.fromkeys(("10001", "20003", "20005", "20006", "20008", "20403"), Refusal.BAD_CREDENTIALS),
    # https://www.twilio.com/docs/api/errors/21211
    **dict.fromkeys(("21211", "21214", "21217", "21401", "21604", "21614", "21635"), Refusal.BAD_NUMBER),
    # https://www.twilio.com/docs/api/errors/21610
    "21610": Refusal.BLOCKED,
    # https://www.twilio.com/docs/api/errors/20429
    **dict.fromkeys(("14107", "20429", "21611", "63038"), Refusal.THROTTLED),
    # https://www.twilio.com/docs/api/errors/21606 (the sender)
    **dict.fromkeys(("21212", "21603", "21606", "21607", "21616"), Refusal.SENDER_OR_TEMPLATE),
    # https://www.twilio.com/docs/api/errors/21703 (the Messaging Service)
    **dict.fromkeys(("21701", "21703", "21704", "21705"), Refusal.SENDER_OR_TEMPLATE),
    # https://www.twilio.com/docs/api/errors/21617 (the text)
    **dict.fromkeys(("21602", "21617", "21618", "21619"), Refusal.SENDER_OR_TEMPLATE),
    # https://www.twilio.com/docs/api/errors/21656 (the content template)
    **dict.fromkeys(("21654", "21655", "21656"), Refusal.SENDER_OR_TEMPLATE),
    # https://www.twilio.com/docs/api/errors/21609 (the request)
    **dict.fromkeys(("21609", "21624"), Refusal.SENDER_OR_TEMPLATE),
    # https://www.twilio.com/docs/api/errors/21408 (a good number, but not from this account or sender)
    **dict.fromkeys(("21408", "21608", "21612"), Refusal.SENDER_OR_TEMPLATE),
    # https://www.twilio.com/docs/api/errors/20503 (20500, an internal error, is left out: it may have sent)
    **dict.fromkeys(("20503", "21730"), Refusal.TEMPORARY),
}

# Those of receipts: the message was taken, and failed later.
RECEIPT_ERRORS = {
    # https://www.twilio.com/docs/api/errors/30003 (30005 unknown number, 30006 a landline)
    **dict.fromkeys(("30003", "30005", "30006"), Refusal.BAD_NUMBER),
    # https://www.twilio.com/docs/api/errors/30004 (30007 filtered by the operator, 30450 by Twilio's own guard)
    **dict.fromkeys(("21610", "30004", "30007", "30450"), Refusal.BLOCKED),
    # https://www.twilio.com/docs/api/errors/30002
    "30002": Refusal.BAD_CREDENTIALS,
    # https://www.twilio.com/docs/api/errors/30001
    **dict.fromkeys(("30001", "30022", "30023", "30027"), Refusal.THROTTLED),
    # https://www.twilio.com/docs/api/errors/30034 (senders that had to be registered)
    **dict.fromkeys(("30018", "30024", "30032", "30033", "30034", "30035"), Refusal.SENDER_OR_TEMPLATE),
    # https://www.twilio.com/docs/api/errors/30017
    **dict.fromkeys(("30017", "30020", "30021", "30036", "30410", "30500"), Refusal.TEMPORARY),
}
STATES = {
    "sent": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "read": ReceiptState.DELIVERED,
    "undelivered": ReceiptState.FAILED,
    "failed": ReceiptState.FAILED,
    "canceled": ReceiptState.FAILED,
}

LONGEST_VALIDITY = 36_000  # seconds


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    problems: dict[str, Problem] = {}
    if not (config["sender"] or config["messaging_service_sid"]):
        problems["sender"] = Problem(N_("Give a sender or a Messaging Service SID."))
    if bool(config["key_id"]) != bool(config["key_secret"]):
        missing = "key_secret" if config["key_id"] else "key_id"
        problems[missing] = Problem(N_("An API key is its SID and its secret: give both or none."))
    elif not (config["auth_token"] or config["key_id"]):
        problems["auth_token"] = Problem(N_("Give the Auth Token, or an API key with its secret."))
    if config["region"] and not config["edge"]:
        problems["edge"] = Problem(N_("Name the edge of the region too, such as dublin for ie1."))
    return problems


def build(config: Mapping[str, Any], message: Message) -> Request:
    """The parameters in the order of Twilio's own libraries."""
    parameters = {
        "To": message.to,
        "StatusCallback": message.receipt_url if config["auth_token"] else "",  # it could not be verified without
        "ValidityPeriod": str(max(1, min(message.life, LONGEST_VALIDITY))),
        "From": config["sender"],
        "MessagingServiceSid": config["messaging_service_sid"],
        "Body": message.text,
    }
    headers = {
        "Authorization": basic_auth(
            config["key_id"] or config["account_sid"], config["key_secret"] or config["auth_token"]
        ),
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    url = f"{_base(config)}/2010-04-01/Accounts/{config['account_sid']}/Messages.json"
    return Request("POST", url, headers, urlencode({k: v for k, v in parameters.items() if v}).encode())


def _base(config: Mapping[str, Any]) -> str:
    if config["base_url"]:
        return str(config["base_url"]).rstrip("/")
    if config["edge"]:
        return f"https://api.{config['edge']}.{config['region'] or 'us1'}.twilio.com"
    return "https://api.twilio.com"


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    answer = reply.json()
    code, words = spelled(answer.get("code")), answer.get("message")
    if reply.status == 201 and spelled(answer.get("sid")):
        return accepted(answer["sid"])
    if reply.status >= 400 and code in ERRORS:
        return refused(ERRORS[code], code, words, retry_after=retry_after(reply))
    return by_status(reply, code, words)


def receive(config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """Any parameter may be new and all of them are signed, so the signature is taken over whatever came."""
    if not config["auth_token"] or not _is_signed(config["auth_token"], notice):
        return None
    form = notice.form()
    state = STATES.get(form.get("MessageStatus", ""))
    if state is None:  # on its way
        return []
    code = form.get("ErrorCode", "")
    refusal = RECEIPT_ERRORS.get(code)
    return [receipt(state, form.get("MessageSid"), refusal=refusal, code=code, detail=form.get("ErrorMessage"))]


def _is_signed(auth_token: str, notice: Notice) -> bool:
    """Twilio signs the address with its port or without, whichever it called; a proxy may have changed that."""
    signature = notice.headers.get("x-twilio-signature", "")
    fields = "".join(name + value for name, value in sorted(notice.form().items()))
    return any(same(_signature(auth_token, url + fields), signature) for url in _spellings(notice.url))


def _signature(auth_token: str, text: str) -> str:
    return b64encode(hmac.digest(auth_token.encode(), text.encode(), hashlib.sha1)).decode()


def _spellings(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = parts.netloc.removesuffix(f":{port}")
    return urlunsplit(parts._replace(netloc=host)), urlunsplit(parts._replace(netloc=f"{host}:{port}"))
