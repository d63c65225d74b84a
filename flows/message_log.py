"""What became of messages, for the console.

find       the messages that an admin asks for, newest first, a page at a time
export     the same without pages, to be written to a file
life       one message, with each call and each report
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from flows import cursors
from flows.services import Services
from rules import countries
from rules.recipients import masked
from settings.templates import USAGES
from storage import message_log, receipts
from storage.message_log import LoggedAttempt, LoggedMessage, LoggedReceipt, Place
from storage.messages import LEASE_SECONDS

PAGE = 50
EXPORT_MOST, EXPORT_AT_ONCE = 100_000, 1000
STATES = ("queued", "sending", "accepted", "refused", "unknown", "expired", "withheld")
REFUSALS = (
    "bad_number",
    "blocked",
    "bad_credentials",
    "no_balance",
    "throttled",
    "sender_or_template",
    "temporary",
    "switched_off",
)
# What the provider reported.
REPORTED = {receipts.SENT: "sent", receipts.FAILED: "failed", receipts.DELIVERED: "delivered"}
LATEST = {"hour": 3600, "day": 86400, "week": 7 * 86400}


@dataclass(frozen=True)
class Wanted:
    """``conditions``: what storage looks for; ``wrong``: the names of what was typed and makes no sense."""

    conditions: Mapping[str, object]
    before: Place | None = None
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    """``older``: the cursor of the next page, "" on the last one."""

    messages: list[tuple[LoggedMessage, str]]
    older: str = ""


@dataclass(frozen=True)
class Life:
    """``calling``: its last call is under way; any other call without an end never had one."""

    message: LoggedMessage
    masked: str
    attempts: list[LoggedAttempt]
    receipts: list[LoggedReceipt]
    calling: bool


def read_wanted(services: Services, typed: Mapping[str, str]) -> Wanted:
    """What an address asks for: state, connector, country, usage, refusal, time, from, to, older."""
    now = services.clock()
    known = {
        "state": typed.get("state") in STATES,
        "connector": typed.get("connector") in services.connectors,
        "country": countries.known(typed.get("country", "")),
        "usage": typed.get("usage") in USAGES,
        "refusal": typed.get("refusal") in REFUSALS,
    }
    conditions: dict[str, object] = {name: typed[name] for name, right in known.items() if right}
    wrong = [name for name, right in known.items() if typed.get(name) and not right]
    since, until = _midnight(typed.get("from", "")), _midnight(typed.get("to", ""), days=1)
    latest, before = LATEST.get(typed.get("time", "")), cursors.read(typed.get("older", ""))
    found = {"time": latest, "from": since, "to": until, "older": before}
    wrong += [name for name, value in found.items() if typed.get(name) and value is None]
    starts = [start for start in (since, now - latest if latest else None) if start is not None]
    if starts:
        conditions["since"] = max(starts)
    if until is not None:
        conditions["until"] = until
    return Wanted(conditions, before, tuple(wrong))


def _midnight(typed: str, days: int = 0) -> float | None:
    """When a typed day begins, or so many days later (UTC)."""
    try:
        return (datetime.combine(date.fromisoformat(typed), datetime.min.time(), UTC) + timedelta(days)).timestamp()
    except (ValueError, OverflowError):
        return None


def find(services: Services, wanted: Wanted, *, most: int = PAGE) -> Listing:
    """A page of messages, each with its masked number."""
    with services.database.read() as connection:
        found = message_log.find(connection, wanted.conditions, most=most + 1, before=wanted.before)
    shown = [(message, masked(message.recipient)) for message in found[:most]]
    return Listing(shown, cursors.write(found[most - 1].created_at, found[most - 1].id) if len(found) > most else "")


def export(services: Services, wanted: Wanted) -> Iterator[tuple[LoggedMessage, str]]:
    """All of them up to EXPORT_MOST, each with its masked number. No connection is held between two lookups."""
    return islice(_all(services, wanted), EXPORT_MOST)


def _all(services: Services, wanted: Wanted) -> Iterator[tuple[LoggedMessage, str]]:
    before, more = wanted.before, True
    while more:
        with services.database.read() as connection:
            found = message_log.find(connection, wanted.conditions, most=EXPORT_AT_ONCE, before=before)
        yield from ((message, masked(message.recipient)) for message in found)
        more = len(found) == EXPORT_AT_ONCE
        before = (found[-1].created_at, found[-1].id) if more else None


def life(services: Services, message_id: str) -> Life | None:
    if not message_id.isalnum():
        return None
    with services.database.read() as connection:
        message = message_log.one(connection, message_id)
        if message is None:
            return None
        attempts, reports = message_log.attempts(connection, message_id), message_log.receipts(connection, message_id)
    held = bool(attempts) and services.clock() < attempts[-1].started_at + LEASE_SECONDS
    return Life(message, masked(message.recipient), attempts, reports, calling=held and message.state == "sending")
