"""The audit log, for who may read it.

read_wanted   what was typed into the filters
find          who did what, the newest first, a page at a time
export        all of it
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flows.services import Services
from storage import audit
from storage.audit import Entry, Filters

SHOWN = 200
AT_ONCE = 1000
# The first words of what is written, as the parts of the house write it.
AREAS = (
    "admin",
    "user",
    "settings",
    "connector",
    "client",
    "organization",
    "webhook",
    "number",
    "signing_keys",
    "templates",
    "guard",
    "upstream",
)


@dataclass(frozen=True)
class Found:
    """``older``: the place from which the next page goes on, None on the last one."""

    entries: list[Entry]
    older: int | None


def read_wanted(typed: Mapping[str, str]) -> tuple[Filters, list[str]]:
    """The filters, and the names of those that make no sense. Days are of UTC, the last one is included."""
    older = typed.get("older", "")
    read = {
        "what": ("area", typed.get("what") if typed.get("what") in AREAS else None),
        "from": ("since", _day(typed.get("from", ""), 0)),
        "to": ("until", _day(typed.get("to", ""), 1)),
        "older": ("before", int(older) if older.isascii() and older.isdigit() and len(older) < 18 else None),
    }
    values: dict[str, Any] = {field: value for field, value in read.values() if value is not None}
    wrong = [name for name, (field, _value) in read.items() if typed.get(name) and field not in values]
    return Filters(actor=typed.get("who", ""), about=typed.get("about", ""), **values), wrong


def _day(text: str, later: int) -> float | None:
    try:
        return (datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=later)).timestamp()
    except (ValueError, OverflowError):
        return None


def find(services: Services, wanted: Filters, *, most: int | None = None) -> Found:
    most = most or SHOWN
    with services.database.read() as connection:
        entries = audit.find(connection, wanted, most=most + 1)
    return Found(entries[:most], entries[most - 1].id if len(entries) > most else None)


def export(services: Services, wanted: Filters) -> Iterator[Entry]:
    """A piece at a time, so that no transaction is open while a slow reader reads."""
    while True:
        with services.database.read() as connection:
            entries = audit.find(connection, wanted, most=AT_ONCE)
        yield from entries
        if len(entries) < AT_ONCE:
            return
        wanted = replace(wanted, before=entries[-1].id)
