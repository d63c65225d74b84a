"""Twilio Lookup v2.

https://www.twilio.com/docs/lookup/v2-api                            the request and its reply
https://www.twilio.com/docs/lookup/v2-api/line-type-intelligence     the lines
https://www.twilio.com/docs/lookup/v2-api/sim-swap
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.contract import Reply, Request, basic_auth, spelled
from lookups.contract import Found, Question
from settings.fields import N_, Field, Kind
from settings.lookups import LANDLINE, LINE, MOBILE, SPECIAL, UNKNOWN, VOIP

TITLE = "Twilio Lookup"
SUMMARY = N_("Kind of line, operator and changed SIM cards, with an account at twilio.com.")
SIM_SWAP = True

FIELDS = (
    Field(
        "key_id",
        N_("API key SID, or Account SID"),
        required=True,
        pattern=r"(SK|AC)[0-9a-fA-F]{32}",
        hint=N_("It is SK or AC and 32 characters from 0-9 and a-f."),
        help=N_("A key of its own can be revoked on its own."),
    ),
    Field(
        "key_secret",
        N_("API key secret, or Auth Token"),
        required=True,
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("A secret has no spaces."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://lookups.twilio.com."),
    ),
)

PACKAGES = {LINE: "line_type_intelligence"}  # the others are called as we call them
LINES = {
    "mobile": MOBILE,
    "landline": LANDLINE,
    "fixedVoip": VOIP,
    "nonFixedVoip": VOIP,
    **dict.fromkeys(("premium", "sharedCost", "tollFree", "pager", "voicemail", "uan", "personal"), SPECIAL),
    "unknown": UNKNOWN,
}


def build(config: Mapping[str, Any], question: Question) -> Request:
    base = config["base_url"].rstrip("/") or "https://lookups.twilio.com"
    fields = PACKAGES.get(question.what, question.what)
    headers = {"Authorization": basic_auth(config["key_id"], config["key_secret"]), "Accept": "application/json"}
    return Request("GET", f"{base}/v2/PhoneNumbers/{quote(question.number, safe='')}?Fields={fields}", headers)


def read(_config: Mapping[str, Any], reply: Reply) -> Found:
    """A package that has no answer says so by an error code of its own, beside status 200."""
    if reply.status != 200:
        return Found(code=spelled(reply.at("code")) or str(reply.status), detail=spelled(reply.at("message")))
    line, swap = "line_type_intelligence", "sim_swap"
    if code := spelled(reply.at(f"{line}.error_code")) or spelled(reply.at(f"{swap}.error_code")):
        return Found(code=code)
    swapped = reply.at(f"{swap}.last_sim_swap.swapped_in_period")
    kind = spelled(reply.at(f"{line}.type"))
    return Found(
        line=LINES.get(kind, UNKNOWN) if kind or reply.at("valid") is False else "",
        carrier=spelled(reply.at(f"{line}.carrier_name"), 100) or spelled(reply.at(f"{swap}.carrier_name"), 100),
        swapped=swapped if isinstance(swapped, bool) else None,
    )
