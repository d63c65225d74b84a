"""Vonage Identity Insights, which takes the place of Number Insight.

https://developer.vonage.com/en/api/identity-insights
https://developer.vonage.com/en/identity-insights/guides/current-carrier
https://developer.vonage.com/en/identity-insights/guides/sim-swap
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.contract import Reply, Request, spelled
from connectors.tokens import application_token, is_rsa_key
from lookups.contract import Found, Question
from settings.fields import N_, Field, Kind, Problem
from settings.lookups import LANDLINE, LINE, MOBILE, SPECIAL, UNKNOWN, VOIP

TITLE = "Vonage Identity Insights"
SUMMARY = N_("Kind of line, operator and changed SIM cards, with an account at vonage.com.")
SIM_SWAP = True

FIELDS = (
    Field(
        "application_id",
        N_("Application ID"),
        required=True,
        pattern=r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        hint=N_("An Application ID has 32 characters from 0-9 and a-f, in five groups."),
        help=N_("An application with the capability Network Registry, where SIM cards are asked for."),
    ),
    Field(
        "private_key",
        N_("Private key"),
        Kind.LONG_TEXT,
        required=True,
        secret=True,
        help=N_("The whole file private.key of the application."),
    ),
    Field(
        "region",
        N_("Region"),
        Kind.CHOICE,
        "api-eu",
        choices=(("api-eu", N_("Europe")), ("api-us", N_("United States"))),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://api-eu.vonage.com."),
    ),
)

LINES = {
    "MOBILE": MOBILE,
    "LANDLINE": LANDLINE,
    "VIRTUAL": VOIP,
    **dict.fromkeys(("LANDLINE_PREMIUM", "LANDLINE_TOLLFREE", "PAGER"), SPECIAL),
}
NOBODYS = ("NOT_FOUND", "INVALID_NUMBER_FORMAT")  # no operator has the number
SWAP_HOURS = 168


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    if not is_rsa_key(config["private_key"]):
        return {"private_key": Problem(N_("Paste the whole file, from -----BEGIN PRIVATE KEY----- to the end."))}
    return {}


def build(config: Mapping[str, Any], question: Question) -> Request:
    body: dict[str, Any] = {"phone_number": question.digits}
    if question.what == LINE:
        body["insights"] = {"current_carrier": {}}
    else:
        body |= {"purpose": "FraudPreventionAndDetection", "insights": {"sim_swap": {"period": SWAP_HOURS}}}
    token = application_token(config["application_id"], config["private_key"], question.at, question.nonce)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    base = config["base_url"].rstrip("/") or f"https://{config['region']}.vonage.com"
    return Request("POST", f"{base}/identity-insights/v1/requests", headers, json.dumps(body).encode())


def read(_config: Mapping[str, Any], reply: Reply) -> Found:
    """Each insight has a status of its own, beside status 200."""
    if reply.status != 200:
        return Found(code=str(reply.status), detail=spelled(reply.at("detail")) or spelled(reply.at("title")))
    carrier, swap = "insights.current_carrier", "insights.sim_swap"
    kind, swapped = spelled(reply.at(f"{carrier}.network_type")), reply.at(f"{swap}.is_swapped")
    code = spelled(reply.at(f"{carrier}.status.code")) or spelled(reply.at(f"{swap}.status.code"))
    nobodys = reply.at(carrier) is not None and code in NOBODYS
    detail = spelled(reply.at(f"{carrier}.status.message")) or spelled(reply.at(f"{swap}.status.message"))
    return Found(
        line=LINES.get(kind, UNKNOWN) if kind or nobodys else "",
        carrier=spelled(reply.at(f"{carrier}.name"), 100),
        swapped=swapped if isinstance(swapped, bool) else None,
        code="" if code == "OK" else code,
        detail="" if code == "OK" else detail,
    )
