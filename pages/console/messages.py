"""Messages: a list with filters, and the life of one, step by step."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import abort, render_template, request
from flask_babel import format_decimal, get_locale, gettext
from flask_babel import lazy_gettext as _l

from flows import message_log
from flows.message_log import REFUSALS, STATES, Life, Wanted
from pages import countries
from pages.console.answers import KINDS, detail_words
from pages.console.frame import bp
from pages.journey import Page
from pages.visitor import services
from settings.alarms import KINDS as ALARMS
from settings.templates import USAGES

STATE_WORDS = {
    "queued": _l("waiting"),
    "sending": _l("being sent"),
    "accepted": _l("taken by the provider"),
    "refused": _l("not sent"),
    "unknown": _l("may have been sent"),
    "expired": _l("too late, not sent"),
    "withheld": _l("kept back: no account"),
}
OUTCOME_WORDS = STATE_WORDS | {
    "calling": _l("may have been sent: the call never ended"),
    "not_called": _l("not called: earlier calls never ended, so it may have been sent"),
    "switched_off": _l("not called: text messages are switched off"),
}
RECEIPTS = {1: "sent", 2: "failed", 3: "delivered"}
RECEIPT_WORDS = {
    "sent": _l("on its way, says the provider"),
    "failed": _l("not delivered"),
    "delivered": _l("delivered"),
}
TIMES = {"hour": _l("The last hour"), "day": _l("The last 24 hours"), "week": _l("The last 7 days")}
FILTERS = {
    "state": _l("State"),
    "connector": _l("Connector"),
    "country": _l("Country"),
    "usage": _l("Usage"),
    "refusal": _l("Kind of failure"),
    "time": _l("Time"),
    "from": _l("From"),
    "to": _l("Until"),
    "older": _l("Page"),
}


def typed_filters() -> dict[str, str]:
    return {name: request.args[name].strip() for name in FILTERS if request.args.get(name, "").strip()}


def wanted_messages(typed: dict[str, str]) -> Wanted:
    return message_log.read_wanted(services(), typed)


@bp.get("/messages")
def messages() -> Page:
    typed = typed_filters()
    wanted = wanted_messages(typed)
    found = message_log.find(services(), wanted)
    typed = {name: value for name, value in typed.items() if name not in wanted.wrong}
    kept = {name: value for name, value in typed.items() if name != "older"}
    return render_template(
        "console/messages.html",
        messages=[_row(message, number) for message, number in found.messages],
        older=found.older,
        typed=typed,
        kept=kept,
        wrong=", ".join(str(FILTERS[name]) for name in wanted.wrong),
        choices=_choices(),
        labels=FILTERS,
    )


def _choices() -> dict[str, list[tuple[str, Any]]]:
    """What each box of the filters offers."""
    connectors = sorted((connector_title(name), name) for name in services().connectors)
    return {
        "state": [(name, STATE_WORDS[name]) for name in STATES],
        "refusal": [(name, KINDS[name]) for name in REFUSALS],
        "connector": [(name, title) for title, name in connectors],
        "country": [(each.region, each.name) for each in countries.options(str(get_locale()))],
        "usage": [(name, gettext(words)) for name, words in USAGES.items()],
        "time": list(TIMES.items()),
    }


def _row(message: Any, number: str) -> dict[str, Any]:
    """A message as the list and its own page show it."""
    receipt = RECEIPTS.get(message.receipt, "")
    return {
        "id": message.id,
        "when": _time(message.created_at),
        "to": number,
        "state": message.state,
        "state_text": STATE_WORDS[message.state],
        "receipt": receipt if receipt != "sent" else "",
        "receipt_text": RECEIPT_WORDS.get(receipt, ""),
        "verified": message.verified_at is not None,
        "kind": KINDS.get(message.refusal),
        "detail": _detail(message),
        "connector": connector_title(message.connector),
        "country": country_name(message.country),
        "usage": gettext((USAGES | ALARMS).get(message.usage, message.usage)),
        "cost": _cost(message),
        "attempts": message.attempts,
    }


def connector_title(name: str | None) -> str:
    connector = services().connectors.get(name or "")
    return gettext(connector.title) if connector else name or ""


def country_name(region: str) -> str:
    return countries.name(str(get_locale()), region) if region else ""


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _detail(heard: Any) -> str:
    """The provider's own code and words."""
    return " ".join(filter(None, (heard.code, detail_words(heard.detail or ""))))


def _cost(message: Any) -> str:
    if message.price is None:
        return ""
    return f"{format_decimal(message.price, format='#,##0.00####')} {message.currency or ''}".strip()


@bp.get("/messages/<message_id>")
def message(message_id: str) -> Page:
    life = message_log.life(services(), message_id)
    if life is None:
        abort(404)
    row = _row(life.message, life.masked)
    return render_template("console/message.html", message=row, life=life.message, steps=_steps(life))


def _steps(life: Life) -> list[dict[str, Any]]:
    """What happened to it, in order: asked for, each call, each report, the code typed."""
    message = life.message
    asked = {"at": message.created_at, "title": gettext("Asked for")}
    if message.state == "withheld":
        asked["note"] = STATE_WORDS["withheld"]
    steps = [asked, *(_attempt_step(life, number) for number in range(len(life.attempts)))]
    reported = [_receipt_step(RECEIPTS[each.state], each, each.received_at) for each in life.receipts]
    if not reported and message.receipt and message.receipt_at:
        reported = [_receipt_step(RECEIPTS[message.receipt], None, message.receipt_at)]
    steps += reported
    if message.verified_at:
        steps.append({"at": message.verified_at, "title": gettext("The code was typed"), "state": "accepted"})
    return [step | {"when": _time(step["at"])} for step in sorted(steps, key=lambda step: float(step["at"]))]


def _attempt_step(life: Life, number: int) -> dict[str, Any]:
    attempt = life.attempts[number]
    under_way = life.calling and number == len(life.attempts) - 1
    return {
        "at": attempt.started_at,
        "title": gettext("Given to %(connector)s", connector=connector_title(attempt.connector)),
        "note": _handed_on(life, number),
        "state": "unknown" if attempt.outcome == "calling" and not under_way else attempt.outcome,
        "outcome": STATE_WORDS["sending"] if under_way else OUTCOME_WORDS.get(attempt.outcome, attempt.outcome),
        "kind": KINDS.get(attempt.refusal or ""),
        "detail": _detail(attempt),
        "took": None if attempt.ended_at is None else format_decimal(round(attempt.ended_at - attempt.started_at, 2)),
    }


def _handed_on(life: Life, number: int) -> str:
    """Why another connector than the one before has it."""
    before = life.attempts[number - 1] if number else None
    if before is None or before.connector == life.attempts[number].connector:
        return ""
    name = connector_title(before.connector)
    if before.refusal in KINDS:
        return gettext(
            "Another connector, for %(connector)s refused it: %(kind)s.", connector=name, kind=KINDS[before.refusal]
        )
    return gettext("Another connector, for the call of %(connector)s had no good end.", connector=name)


def _receipt_step(state: str, receipt: Any, at: float) -> dict[str, Any]:
    return {
        "at": at,
        "title": gettext("Report of the provider"),
        "state": {"delivered": "accepted", "failed": "refused"}.get(state, ""),
        "outcome": RECEIPT_WORDS[state],
        "kind": KINDS.get(receipt.refusal) if receipt else None,
        "detail": _detail(receipt) if receipt else "",
    }
