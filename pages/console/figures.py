"""What became of messages in figures: by the day, by country, by connector, and in money."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import render_template, request
from flask_babel import format_date, format_decimal, format_percent, gettext

from flows import message_figures
from flows.console import WARN_AT
from flows.message_figures import SPANS, Figures, Summary
from pages.console.charts import Chart, Series, days_chart, share_bar
from pages.console.frame import bp
from pages.console.guard_words import cap_words
from pages.console.messages import connector_title, country_name
from pages.journey import Page
from pages.visitor import services

FIRST_DAY = date(1970, 1, 1)


@bp.get("/messages/figures")
def figures() -> Page:
    typed = request.args.get("days", "")
    span = int(typed) if typed in map(str, SPANS) else 30
    found = message_figures.summary(services(), span)
    days = [(FIRST_DAY + timedelta(day), each) for day, each in found.days]
    return render_template(
        "console/figures.html",
        span=span,
        spans=SPANS,
        counted_at=found.counted_at and datetime.fromtimestamp(found.counted_at, UTC),
        days=[{"day": format_date(day, "d MMM y")} | _row(each) for day, each in reversed(days)],
        total=_row(found.total),
        first=format_date(days[0][0], "d MMM"),
        last=format_date(days[-1][0], "d MMM"),
        messages_chart=_messages_chart(days),
        money_chart=_money_chart(days, found),
        tables=[
            (gettext("By country"), gettext("Country"), [_named(country_name(n), f) for n, f in found.countries]),
            (gettext("By connector"), gettext("Connector"), [_connector(name, f) for name, f in found.connectors]),
        ],
        caps=[_cap(found, *cap) for cap in found.caps],
        currency=found.currency,
    )


def _messages_chart(days: list[tuple[date, Figures]]) -> Chart:
    captions = [
        gettext(
            "%(day)s: %(sent)s sent, %(delivered)s delivered, %(verified)s verified",
            day=format_date(day, "d MMM"),
            sent=format_decimal(each.sent),
            delivered=format_decimal(each.delivered),
            verified=format_decimal(each.verified),
        )
        for day, each in days
    ]
    series = [Series(name, [getattr(each, name) for _day, each in days], name == "sent") for name in SERIES]
    description = gettext("Lines for what was sent, delivered and verified each day. The table below has the figures.")
    return days_chart("messages", gettext("Messages a day"), description, series, captions)


SERIES = ("sent", "delivered", "verified")


def _money_chart(days: list[tuple[date, Figures]], found: Summary) -> Chart:
    captions = [
        f"{format_date(day, 'd MMM')}: {format_decimal(round(each.cost, 2))} {found.currency}" for day, each in days
    ]
    cap = next(cap for name, _spent, cap in found.caps if name == "day")
    series = [Series("cost", [each.cost for _day, each in days], filled=True), Series("cap", [cap] * len(days))]
    description = gettext("A line for the cost of each day, and one for the cap. The table below has the figures.")
    return days_chart("money", gettext("Cost a day"), description, series, captions)


def _row(each: Figures) -> dict[str, Any]:
    return {
        "sent": format_decimal(each.sent),
        "failed": format_decimal(each.failed),
        "delivered": format_decimal(each.delivered),
        "verified": format_decimal(each.verified),
        "cost": format_decimal(round(each.cost, 2)),
    }


def _named(name: str, each: Figures) -> dict[str, Any]:
    rates = {"delivery": _rate(each.delivered, each.sent), "verification": _rate(each.verified, each.sent)}
    return _row(each) | rates | {"name": name or gettext("none")}


def _connector(name: str, each: Figures) -> dict[str, Any]:
    """One that brings no receipts has no rate of delivery."""
    row, connector = _named(connector_title(name), each), services().connectors.get(name)
    return row | {"delivery": None} if connector and not connector.reports else row


def _rate(part: int, whole: int) -> tuple[str, Any] | None:
    return (format_percent(part / whole), share_bar(part / whole)) if whole else None


def _cap(found: Summary, name: str, spent: float, cap: float) -> dict[str, Any]:
    words = cap_words(name, format_decimal(round(spent, 2)), format_decimal(cap), found.currency)
    share = spent / cap if cap else 1.0
    return {"words": words, "bar": share_bar(share, "over" if share >= WARN_AT else "share")}
