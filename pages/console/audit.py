"""The audit log: who did what."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import render_template

from flows import console
from pages.console.frame import bp
from pages.journey import Page
from pages.visitor import services


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
