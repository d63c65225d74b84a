"""/dev/messages: what the development connector would have sent. Not there in production."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, render_template

from pages.journey import Page
from pages.visitor import services

bp = Blueprint("dev", __name__)


@bp.get("/dev/messages")
def list_messages() -> Page:
    if services().environment.production:
        abort(404)
    shown = [
        {
            "to": message.to,
            "subject": message.subject,
            "text": message.text,
            "time": datetime.fromtimestamp(message.at, UTC),
        }
        for message in services().shown_messages()
    ]
    elsewhere = services().settings().connectors.active not in ("", "development")
    return render_template("dev/messages.html", messages=shown, now=datetime.now(UTC), elsewhere=elsewhere)
