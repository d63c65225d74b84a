"""The audit log: who did what, by filters, and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Response, render_template, request, stream_with_context
from flask_babel import lazy_gettext as _l

from flows import audit_log as flow
from flows.audit_log import Entry
from pages.console.export import BYTE_ORDER_MARK, harmless
from pages.console.frame import bp
from pages.journey import Page
from pages.visitor import services

FILTERS = {
    "who": _l("Who"),
    "what": _l("What"),
    "about": _l("About"),
    "from": _l("From"),
    "to": _l("Until"),
    "older": _l("Page"),
}
AREAS = {
    "admin": _l("Admins"),
    "user": _l("People"),
    "settings": _l("Settings"),
    "connector": _l("Connectors"),
    "client": _l("Applications"),
    "organization": _l("Organisations"),
    "webhook": _l("Webhooks"),
    "number": _l("Phone numbers"),
    "signing_keys": _l("Signing keys"),
    "templates": _l("Texts"),
    "guard": _l("The guard"),
    "lookup": _l("Look-ups"),
    "upstream": _l("Other providers"),
}
COLUMNS = ("at", "who", "what", "about", "address")


def _typed() -> dict[str, str]:
    return {name: request.args[name].strip()[:100] for name in FILTERS if request.args.get(name, "").strip()}


@bp.get("/audit")
def audit() -> Page:
    typed = _typed()
    wanted, wrong = flow.read_wanted(typed)
    found = flow.find(services(), wanted)
    typed = {name: value for name, value in typed.items() if name not in wrong}
    return render_template(
        "console/audit.html",
        entries=[
            {
                "when": datetime.fromtimestamp(entry.at, UTC),
                "who": entry.actor,
                "what": entry.action,
                "about": _about(entry),
                "address": entry.details.get("address"),
            }
            for entry in found.entries
        ],
        older=found.older,
        typed=typed,
        kept={name: value for name, value in typed.items() if name != "older"},
        wrong=", ".join(str(FILTERS[name]) for name in wrong),
        labels=FILTERS,
        areas=AREAS,
    )


def _about(entry: Entry) -> str:
    return ", ".join(f"{name}: {_plain(value)}" for name, value in entry.details.items() if name != "address")


def _plain(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


@bp.get("/audit.csv")
def audit_csv() -> Response:
    wanted, _wrong = flow.read_wanted(_typed())
    response = Response(stream_with_context(_file(flow.export(services(), wanted))), content_type="text/csv")
    name = f"audit-{datetime.fromtimestamp(services().clock(), UTC):%Y-%m-%d}.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _file(entries: Iterator[Entry]) -> Iterator[str]:
    """The same in every language."""
    yield BYTE_ORDER_MARK + _line(COLUMNS)
    for entry in entries:
        at = datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds")
        yield _line((at, entry.actor, entry.action, _about(entry), entry.details.get("address", "")))


def _line(cells: tuple[object, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([harmless(cell) for cell in cells])
    return buffer.getvalue()
