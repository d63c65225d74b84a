"""Vonage Number Insight, Standard. Vonage ends it on 4 February 2027; Identity Insights takes its place.

https://developer.vonage.com/en/api/number-insight#getNumberInsightStandard
https://developer.vonage.com/en/number-insight/technical-details
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.contract import Reply, Request, basic_auth, spelled
from lookups.contract import Found, Question
from settings.fields import N_, Field, Kind
from settings.lookups import LANDLINE, MOBILE, SPECIAL, UNKNOWN, VOIP

TITLE = "Vonage Number Insight"
SUMMARY = N_("Kind of line and operator. Vonage ends it on 4 February 2027: choose Identity Insights for anything new.")

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
        help=N_("For tests: what to call instead of https://api.nexmo.com."),
    ),
)

LINES = {
    "mobile": MOBILE,
    "landline": LANDLINE,
    "virtual": VOIP,
    **dict.fromkeys(("landline_premium", "landline_tollfree", "pager"), SPECIAL),
}
INVALID = "3"  # the number


def build(config: Mapping[str, Any], question: Question) -> Request:
    base = config["base_url"].rstrip("/") or "https://api.nexmo.com"
    headers = {"Authorization": basic_auth(config["key_id"], config["api_secret"]), "Accept": "application/json"}
    return Request("GET", f"{base}/ni/standard/json?number={question.digits}", headers)


def read(_config: Mapping[str, Any], reply: Reply) -> Found:
    """Faults come with status 200 too, and a number in the body."""
    status = spelled(reply.at("status"))
    if reply.status != 200 or status not in ("0", INVALID):
        detail = spelled(reply.at("status_message")) or spelled(reply.at("error_text"))
        return Found(code=status or str(reply.status), detail=detail)
    kind = spelled(reply.at("current_carrier.network_type"))
    return Found(
        line=LINES.get(kind, UNKNOWN) if kind or status == INVALID else "",
        carrier=spelled(reply.at("current_carrier.name"), 100),
    )
