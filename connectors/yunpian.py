"""Yunpian (云片): single_send, version 2.

https://www.yunpian.com/official/document/sms/zh_CN/domestic_single_send     mainland China
https://www.yunpian.com/official/document/sms/zh_CN/intl_single_send         abroad
https://www.yunpian.com/official/document/sms/zh_CN/returnvalue_common       the codes
https://www.yunpian.com/official/document/sms/zh_CN/domestic_push_report     receipts, which are not signed

The text must be one of the account's approved templates, word by word, with its signature in brackets before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus, urlencode

from connectors.contract import (
    Answer,
    Message,
    Refusal,
    Reply,
    Request,
    accepted,
    by_status,
    parsed,
    refused,
    spelled,
    unknown,
)
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from connectors.smsbao import signed
from settings.fields import N_, Field, Kind

TITLE = N_("Yunpian")
SUMMARY = N_("SMS to mainland China and abroad, with an account at yunpian.com.")

FIELDS = (
    Field(
        "api_key",
        N_("API key"),
        required=True,
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("An API key has no spaces."),
        help=N_("In the console under Account settings, Sub-accounts: 32 characters."),
    ),
    Field(
        "sign_name",
        N_("Signature"),
        pattern=r"[^【】]{1,20}",
        hint=N_("Type up to 20 characters, without the brackets."),
        help=N_("Stands as 【Signature】 before a text that has none. It must be an approved one."),
    ),
    Field(
        "host",
        N_("Host"),
        Kind.CHOICE,
        "sms.yunpian.com",
        choices=(("sms.yunpian.com", "sms.yunpian.com"), ("us.yunpian.com", "us.yunpian.com")),
        help=N_("The second is for servers outside China."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of Yunpian's address."),
    ),
)

ERRORS = {
    # https://www.yunpian.com/official/document/sms/zh_CN/returnvalue_common (key, rights, address of the server)
    **dict.fromkeys(("-1", "-2", "-3"), Refusal.BAD_CREDENTIALS),
    # So many requests; so many for a number: 30 s, 5 min, an hour, a day
    **dict.fromkeys(("-4", "-5", "8", "9", "17", "22", "33", "43"), Refusal.THROTTLED),
    "3": Refusal.NO_BALANCE,
    "10": Refusal.BLOCKED,
    # A parameter is missing or not in its form; too long
    **dict.fromkeys(("1", "2", "48"), Refusal.SENDER_OR_TEMPLATE),
    # A forbidden word; no such template; a template or a signature that is not approved, missing or not this account's
    **dict.fromkeys(("4", "52", "5", "7", "15", "16", "18", "-57"), Refusal.SENDER_OR_TEMPLATE),
    # A country that this account or this template is not for; not without a balance in money
    **dict.fromkeys(("20", "23", "27"), Refusal.SENDER_OR_TEMPLATE),
}
UNSURE = {"-50", "-51", "-53"}  # Yunpian's own faults: it may have sent the message, whatever the status

# The vendor's own is explained on its page of receipts; the others are the operators'.
RECEIPT_ERRORS = {"YP:54": Refusal.BAD_NUMBER}
STATES = {"SUCCESS": ReceiptState.DELIVERED, "FAIL": ReceiptState.FAILED}
RECEIPT_REPLY = b"SUCCESS"

CURRENCIES = {"RMB": "CNY"}


def build(config: Mapping[str, Any], message: Message) -> Request:
    chinese = message.country == "CN"
    parameters = {
        "apikey": config["api_key"],
        "mobile": message.digits.removeprefix("86") if chinese else message.to,
        "text": signed(config["sign_name"], message.text),
        "uid": message.id,
        "callback_url": message.receipt_url,
    }
    headers = {
        "Content-Type": "application/x-www-form-urlencoded;charset=utf-8",
        "Accept": "application/json;charset=utf-8",
    }
    base = (config["base_url"] or f"https://{config['host']}").rstrip("/")
    body = urlencode({name: value for name, value in parameters.items() if value}).encode()
    return Request("POST", f"{base}/v2/sms/single_send.json", headers, body)


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    answer = reply.json()
    code, sent = spelled(answer.get("code")), spelled(answer.get("sid"))
    words = answer.get("detail") or answer.get("msg")
    if reply.status == 200 and code == "0" and sent:
        unit = spelled(answer.get("unit"))
        return accepted(sent, price=answer.get("fee"), currency=CURRENCIES.get(unit, unit))
    if code == "2" and "mobile" in spelled(words):  # names the parameter in its words only
        return refused(Refusal.BAD_NUMBER, code, words)
    if code in UNSURE:
        return unknown(code, words)
    return refused(ERRORS[code], code, words) if code in ERRORS else by_status(reply, code, words)


def receive(_config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """Up to a hundred, as JSON in a form's field, which some find encoded twice. The address is the proof."""
    field = notice.form().get("sms_status", "")
    reports = parsed(field) or parsed(unquote_plus(field))
    return [
        _receipt(report)
        for report in (reports if isinstance(reports, list) else [])
        if isinstance(report, dict) and spelled(report.get("report_status")) in STATES
    ]


def _receipt(report: Mapping[str, Any]) -> Receipt:
    code = spelled(report.get("error_msg"))
    return receipt(
        STATES[spelled(report["report_status"])],
        report.get("sid"),
        message_id=report.get("uid"),
        refusal=RECEIPT_ERRORS.get(code),
        code=code,
        detail=report.get("error_detail"),
    )
