"""SMSBao (短信宝): /sms for mainland China, /wsms for abroad.

https://www.smsbao.com/openapi/213.html     mainland China
https://www.smsbao.com/openapi/299.html     abroad

The request is a GET whose address carries the key, the number and the text; the answer is a number as plain text, and
names no message. The codes are those of the vendor's own examples, which its pages repeat.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from connectors.contract import Answer, Message, Refusal, Reply, Request, accepted, by_status, refused
from settings.fields import N_, Field, Kind, Problem

TITLE = N_("SMSBao")
SUMMARY = N_("SMS to mainland China and abroad, with an account at smsbao.com.")

FIELDS = (
    Field(
        "username",
        N_("User name"),
        required=True,
        pattern=r"\S+",
        hint=N_("A user name has no spaces."),
    ),
    Field(
        "api_key",
        N_("API key"),
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("An API key has no spaces."),
        help=N_("Better than the password: it can be replaced, and opens nothing else."),
    ),
    Field(
        "password",
        N_("Password"),
        secret=True,
        help=N_("The account's own, where you have no API key. Only its MD5 sum is sent."),
    ),
    Field(
        "sign_name",
        N_("Signature"),
        pattern=r"[^【】]{2,20}",
        hint=N_("Type 2 to 20 characters, without the brackets."),
        help=N_("Stands as 【Signature】 before a text that has none. SMSBao asks for one."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://api.smsbao.com."),
    ),
)

ERRORS = {
    # https://www.smsbao.com/openapi/213.html (wrong password; no such account; it has expired; a forbidden address)
    **dict.fromkeys(("30", "40", "42", "43"), Refusal.BAD_CREDENTIALS),
    "41": Refusal.NO_BALANCE,
    # A forbidden word; a parameter is missing
    **dict.fromkeys(("50", "-1"), Refusal.SENDER_OR_TEMPLATE),
    "51": Refusal.BAD_NUMBER,
}


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    return {} if config["api_key"] or config["password"] else {"api_key": Problem(N_("Give the API key."))}


def build(config: Mapping[str, Any], message: Message) -> Request:
    chinese = message.country == "CN"
    parameters = {
        "u": config["username"],
        "p": config["api_key"] or hashlib.md5(config["password"].encode(), usedforsecurity=False).hexdigest(),
        "m": message.digits.removeprefix("86") if chinese else message.to,
        "c": signed(config["sign_name"], message.text),
    }
    base = (config["base_url"] or "https://api.smsbao.com").rstrip("/")
    return Request("GET", f"{base}/{'sms' if chinese else 'wsms'}?{urlencode(parameters, quote_via=quote)}")


def signed(sign_name: str, text: str) -> str:
    """The text with the signature that Chinese operators ask for, where it has none."""
    return f"【{sign_name}】{text}" if sign_name and "【" not in text else text


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    code = reply.body[:1000].decode(errors="replace").strip()
    if reply.status == 200 and code == "0":
        return accepted()
    if reply.status == 200 and code in ERRORS:
        return refused(ERRORS[code], code)
    return by_status(reply, detail=code)
