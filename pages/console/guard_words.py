"""The guard's decisions in words: what they are about, and why. Numbers show no more than their block."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from flask_babel import format_decimal, format_percent, format_timedelta, get_locale, gettext
from flask_babel import lazy_gettext as _l

from pages import countries
from settings.alarms import CAP, CONVERSION, PUMPING

DECISIONS = {"refuse": _l("refused"), "challenge": _l("challenged"), "allow": _l("let through")}
WOULD = {"refuse": _l("would be refused"), "challenge": _l("would be challenged")}
ACTIONS = {
    "guard.refuse": _l("refuses"),
    "guard.challenge": _l("challenges"),
    "guard.allow": _l("lets through"),
    "guard.free": _l("leaves to the guard"),
    "guard.lift": _l("begins anew with"),
    "guard.switched": _l("switched"),
}
WAYS = {
    "passkey": _l("a passkey"),
    "phone_password": _l("phone number and password"),
    "email_code": _l("a code by e-mail"),
    "email_password": _l("e-mail address and password"),
    "username_password": _l("username and password"),
}
# What a provider told of the number that was stopped last, where that weighed.
LINES = {
    "landline": _l("The last number is a landline."),
    "voip": _l("The last number is of an Internet phone."),
    "special": _l("The last number is of premium rate, freephone or another service."),
    "unknown": _l("The last number is unknown to the provider of look-ups."),
}
SHORTEST = 60  # seconds; what took less is told as a minute


def country_name(region: str) -> str:
    return countries.name(str(get_locale()), region) if region else gettext("no country")


def subject_words(subject: str, country: str = "") -> str:
    """ "+3361234•••• (France)" of a block's key."""
    kind, _colon, key = subject.partition(":")
    if kind == "country":
        return country_name(key)
    if kind == "number":  # that somebody pinned
        kind, key = "block4", key[:-4]
    if kind.startswith("block"):
        shown = "\u2066" + key + "•" * int(kind[5:]) + "\u2069"  # left to right, in a page of any direction
        return f"{shown} ({country_name(country)})" if country else shown
    if kind == "money":
        return gettext("the cap for a day") if key == "day" else gettext("the cap for 30 days")
    if kind == "address":
        return gettext("address %(address)s", address=key)
    if kind == "network":
        return gettext("network %(network)s", network=key)
    if kind == "homes":
        return gettext("%(country)s, from addresses that proved a few numbers", country=country_name(key))
    return gettext("countries that are new here") if kind == "elsewhere" else subject


def stretch(seconds: float) -> str:
    return format_timedelta(timedelta(seconds=max(SHORTEST, seconds)), granularity="minute", threshold=1.5)


def reason(stopped: Any) -> str:
    """Of a decision with its newest figures (storage/guard_reports.py): "This block of 10,000 numbers proved ..." """
    figures = json.loads(stopped.figures)
    values = {
        "sent": format_decimal(figures.get("sent", 0)),
        "proved": format_decimal(figures.get("proved", 0)),
        "time": stretch(figures.get("seconds", 0)),
    }
    return " ".join([_reason(stopped, figures, values), *([str(LINES[figures["line"]])] if "line" in figures else [])])


def _reason(stopped: Any, figures: dict[str, Any], values: dict[str, str]) -> str:
    match stopped.reason:
        case "block_unproved" | "range_unproved":
            size = format_decimal(10 ** int(stopped.subject.partition(":")[0][5:]))
            return gettext(
                "%(proved)s of %(sent)s codes to this block of %(size)s numbers were typed back in %(time)s.",
                size=size,
                **values,
            )
        case "country_unproved":
            return gettext(
                "%(proved)s of %(sent)s codes to new numbers of this country were typed back in %(time)s.", **values
            )
        case "new_countries_unproved":
            return gettext(
                "%(proved)s of %(sent)s codes to countries that are new here were typed back in %(time)s.",
                **values,
            )
        case "homes_unproved":
            return gettext(
                "%(proved)s of %(sent)s codes to new numbers of this country, from addresses that proved a few numbers "
                "before, were typed back in %(time)s.",
                **values,
            )
        case "address_unproved":
            return gettext(
                "%(proved)s of %(sent)s codes that this address asked for were typed back in %(time)s.", **values
            )
        case "network_unproved":
            return gettext(
                "%(proved)s of %(sent)s codes that this network asked for were typed back in %(time)s.", **values
            )
        case "cap_near":
            used = format_percent(figures.get("used", 0))
            return gettext("%(used)s of it is spent. The rest is for numbers that are known.", used=used)
        case "number_unproved":
            return gettext("A single number got %(sent)s messages, and nobody typed a code back.", **values)
    return gettext("An admin decided so.")


def cap_words(period: str, spent: str, cap: str, currency: str) -> str:
    if period == "day":
        return gettext(
            "%(spent)s of %(cap)s %(currency)s for a day are spent.", spent=spent, cap=cap, currency=currency
        )
    return gettext("%(spent)s of %(cap)s %(currency)s for 30 days are spent.", spent=spent, cap=cap, currency=currency)


def alarm_words(alarm: Any) -> str:
    """What an alarm (rules/alarms.py) is about, with its newest figures."""
    values = {
        name: format_decimal(value) if isinstance(value, int | float) else value
        for name, value in alarm.details.items()
        if name not in ("country", "usual")
    }
    if alarm.kind == PUMPING:
        values["about"] = subject_words(alarm.details["subject"], alarm.details["country"])
        return gettext(
            "%(stopped)s false requests in an hour, %(sent)s messages sent. Most of it: %(about)s.", **values
        )
    if alarm.kind == CAP:
        return cap_words(alarm.about, **values)
    values["country"] = country_name(alarm.about)
    if alarm.kind == CONVERSION:
        return gettext(
            "%(country)s: in three hours %(proved)s of %(sent)s codes were typed back. Usual there: %(usual)s.",
            usual=format_percent(alarm.details["usual"]),
            **values,
        )
    return gettext(
        "%(country)s: in three hours the provider reported %(failed)s messages as failed, %(delivered)s as delivered.",
        **values,
    )


def suspicion_words(found: Any) -> str:
    """What the banner says."""
    amounts = {"stopped": format_decimal(found.stopped), "sent": format_decimal(found.sent)}
    first = found.subjects[0]
    if found.watched:
        said = gettext(
            "In the last hour %(stopped)s of %(sent)s messages went to numbers that nobody proves."
            " The guard only watches: nothing is stopped.",
            **amounts,
        )
    else:
        said = gettext(
            "In the last hour the guard stopped %(stopped)s requests for codes that look false, and sent %(sent)s"
            " messages.",
            **amounts,
        )
    most = gettext("Most of it: %(about)s.", about=subject_words(first.subject, first.country))
    return f"{said} {most} {reason(first)}"
