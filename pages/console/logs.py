"""What happened: the newest messages, and the audit log."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import render_template
from flask_babel import lazy_gettext as _l

from flows import console
from pages.console.answers import KINDS, detail_words
from pages.console.frame import bp
from pages.journey import Page
from pages.visitor import services

STATES = {
    "queued": _l("waiting"),
    "sending": _l("being sent"),
    "accepted": _l("taken by the provider"),
    "refused": _l("not sent"),
    "unknown": _l("may have been sent"),
    "expired": _l("too late, not sent"),
    "withheld": _l("kept back: no account"),
}


@bp.get("/messages")
def messages() -> Page:
    listed = [
        {
            "when": datetime.fromtimestamp(message.created_at, UTC),
            "to": number,
            "state": message.state,
            "state_text": STATES[message.state],
            "kind": KINDS.get(message.refusal),
            "detail": " ".join(filter(None, (message.code, detail_words(message.detail or "")))),
            "connector": message.connector,
            "attempts": message.attempts,
        }
        for message, number in console.messages(services())
    ]
    return render_template("console/messages.html", messages=listed)


@bp.get("/audit")
def audit() -> Page:
    entries = [
        {
            "when": datetime.fromtimestamp(entry.at, UTC),
            "who": entry.actor,
            "what": entry.action,
            "about": ", ".join(f"{name}: {value}" for name, value in entry.details.items() if name != "address"),
            "address": entry.details.get("address"),
        }
        for entry in console.audit_log(services())
    ]
    return render_template("console/audit.html", entries=entries)
