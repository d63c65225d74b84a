"""The guard: what it did and why, what stands now, and the admin's word above it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import format_date, format_datetime, format_decimal, format_percent, get_locale, gettext

from flows import admin_sign_in, guard_room
from flows.audit_log import Entry
from flows.guard_room import SPANS, UNPINNED, Reaction, Report
from flows.outcomes import Refused
from pages import countries
from pages.console import look_ups
from pages.console.charts import Chart, Series, days_chart
from pages.console.frame import bp, remember_changes
from pages.console.guard_words import (
    ACTIONS,
    DECISIONS,
    WAYS,
    WOULD,
    alarm_words,
    country_name,
    reason,
    stretch,
    subject_words,
)
from pages.journey import Page
from pages.visitor import admin, services
from settings.alarms import KINDS
from settings.console import Settings
from settings.guard import ON

STATES = {"refuse": "refused", "challenge": "unknown", "allow": "accepted"}  # as the console marks those of messages
MOST_REACTIONS, MOST_WITHIN = 30, 5


@bp.get("/guard")
def guard() -> Page:
    return _page()


def _page(problem: str = "") -> str:
    typed = request.args.get("days", "")
    span = int(typed) if typed in map(str, SPANS) else 1
    found, settings = guard_room.report(services(), span), services().settings()
    return render_template(
        "console/guard.html",
        span=span,
        spans=SPANS,
        now=_time(services().clock()),
        mode=settings.guard.mode,
        sms=settings.guard.sms,
        ways=[WAYS[way] for way in guard_room.ways_without_sms(settings)],
        figures=_figures(found),
        chart=_chart(found, span),
        ends=[_short(found.points[0][0], span), _short(found.points[-1][0], span)],
        reactions=[_reaction(each, settings.guard.mode) for each in found.reactions[:MOST_REACTIONS]],
        more=max(0, len(found.reactions) - MOST_REACTIONS),
        countries=[_country(name, each, settings) for name, each in found.countries],
        stops=[_stop(each) for each in found.stops],
        alarms=[
            {"title": gettext(KINDS[each.kind]), "words": alarm_words(each), "from": _time(each.first_at)}
            for each in found.alarms
        ],
        heard_by=len(settings.alarms.emails) if settings.connectors.email else 0,
        lookups=look_ups.listed(),
        looked_up=look_ups.figures(),
        decisions=[_decision(each) for each in found.decisions],
        regions=countries.options(str(get_locale())),
        currency=found.currency,
        can_act=admin_sign_in.may(admin(), "react", reads=False),
        problem=problem,
        typed=request.form,
    )


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _short(at: float, span: int) -> str:
    return format_datetime(_time(at), "H:mm") if span == 1 else format_date(_time(at), "d MMM")


def _figures(found: Report) -> dict[str, Any]:
    counts = {name: format_decimal(value) for name, value in vars(found.total).items()}
    return counts | {
        "asked": found.total.sent + found.total.stopped,
        "stopped": format_decimal(found.total.stopped),
        "rate": format_percent(found.total.proved / found.total.sent) if found.total.sent else "",
        "spent": format_decimal(round(found.spent, 2)),
        "saved": format_decimal(round(found.saved, 2)),
        "would_challenge": format_decimal(found.would[0]),
        "would_refuse": format_decimal(found.would[1]),
        "would": sum(found.would),
    }


def _chart(found: Report, span: int) -> Chart:
    captions = [
        gettext(
            "%(when)s: %(sent)s sent, %(proved)s typed back, %(stopped)s stopped",
            when=_short(at, span),
            sent=format_decimal(each.sent),
            proved=format_decimal(each.proved),
            stopped=format_decimal(each.stopped),
        )
        for at, each in found.points
    ]
    series = [
        Series("sent", [each.sent for _at, each in found.points], filled=True),
        Series("verified", [each.proved for _at, each in found.points]),
        Series("over", [each.stopped for _at, each in found.points]),
    ]
    description = gettext("Lines for what was sent, typed back and stopped. The figures above are their sums.")
    return days_chart("guard", gettext("Sent and stopped"), description, series, captions)


def _reaction(each: Reaction, mode: str) -> dict[str, Any]:
    """While the guard only watches, and where an admin decided about what it lies in, it is what would be."""
    stands = mode == ON and not each.overruled
    words = DECISIONS if stands else WOULD
    return {
        "subject": each.subject,
        "about": subject_words(each.subject, each.country),
        "decision": each.decision,
        "words": words.get(each.decision, DECISIONS[each.decision]),
        "state": STATES[each.decision],
        "pinned": each.pinned,
        "until": _time(each.until) if each.until else None,
        "proved": format_decimal(each.proved),
        "sent": format_decimal(each.sent),
        "time": stretch(services().clock() - each.since) if each.sent else "",
        "actions": _actions(each, each.decision if stands else ""),
        "within": [_reaction(replace(block, country=""), mode) for block in each.within[:MOST_WITHIN]],
        "more": max(0, len(each.within) - MOST_WITHIN),
    }


def _actions(each: Reaction, stands: str) -> list[tuple[str, str]]:
    """What an admin can say about it, the likeliest first. ``stands``: what is done there now."""
    if each.subject.partition(":")[0] in UNPINNED:
        return [("lift", gettext("Begin anew"))]
    words = {
        "refuse": gettext("Keep refusing") if stands == "refuse" else gettext("Refuse"),
        "challenge": gettext("Keep challenging") if stands == "challenge" else gettext("Challenge"),
        "allow": gettext("Let through"),
        "lift": gettext("Begin anew"),
    }
    if each.pinned:
        words = {"free": gettext("Leave it to the guard")} | words
        del words[each.decision]
    return list(words.items())


def _country(name: str, each: Any, settings: Settings) -> dict[str, Any]:
    row = {key: format_decimal(value) for key, value in vars(each).items()}
    spent = format_decimal(round(each.sent * settings.money.price, 2))
    return row | {
        "name": country_name(name),
        "rate": format_percent(each.proved / each.sent) if each.sent else "–",
        "spent": spent,
    }


def _stop(each: Any) -> dict[str, Any]:
    return {
        "when": _time(each.last_at),
        "about": subject_words(each.subject, each.country),
        "words": (WOULD if each.watched else DECISIONS)[each.decision],
        "times": format_decimal(each.times),
        "reason": reason(each),
        "state": STATES[each.decision],
    }


def _decision(entry: Entry) -> dict[str, Any]:
    about = str(entry.details.get("about", ""))
    return {
        "when": _time(entry.at),
        "who": entry.actor,
        "what": ACTIONS.get(entry.action, entry.action),
        "about": subject_words(about) if entry.action != "guard.switched" else about,
        "note": entry.details.get("note", ""),
    }


@bp.post("/guard/react")
def react() -> Page:
    """One word about a level that the page lists, or about something that was typed."""
    subject, action, note = (request.form.get(name, "") for name in ("subject", "action", "note"))
    if subject:
        outcome = guard_room.react(services(), admin().name, subject, action, note)
    else:
        kind = request.form.get("kind", "")
        typed = request.form.get("region" if kind == "country" else "from", "")
        outcome = guard_room.react_to(services(), admin().name, kind, typed, action, note)
    if isinstance(outcome, Refused):
        return _page(gettext("Write an address such as 192.0.2.7, or a network such as 192.0.2.0/24.")), 422
    return redirect(url_for("console.guard"), 303)


@bp.post("/guard/switch")
def switch_guard() -> Page:
    """The guard's own switch (``mode``), or the one of text messages (``sms``)."""
    name = "sms" if "sms" in request.form else "mode"
    before = services().settings()
    note = request.form.get("note", "")
    outcome = guard_room.switch(services(), admin().name, name, request.form.get(name, ""), note)
    if isinstance(outcome, Refused):
        return _page(gettext("This could not be saved. Load the page again.")), 422
    remember_changes(before)
    return redirect(url_for("console.guard"), 303)
