"""What admins have to know: pumping is suspected, codes of a country come back no more, a cap is near, delivery fails.

A share is judged by how far it lies from what is usual, in standard deviations, so that few messages prove little.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules import limits, standing
from rules.risk_levels import CAP_NEAR
from rules.standing import hour_of
from settings.alarms import CAP, CONVERSION, DELIVERY, PUMPING
from settings.console import Settings
from storage import guard_reports
from storage.database import Connection
from storage.guard_reports import Counts

LATELY, BEFORE = 3, 14 * 24  # hours: what is judged, and what it is compared with
FEWEST = 20  # messages lately, below which nothing is said
FEWEST_BEFORE = 100  # messages, below which nothing is usual yet
DEVIATIONS = 4  # chance alone: once in 30,000
FAILING = 0.5  # of what was reported
USUALLY_FAILED = 0.1  # where nothing is known yet


@dataclass(frozen=True)
class Alarm:
    """``about``: the country or the cap; what is told once, is told once about each. ``details``: for the words."""

    kind: str
    about: str
    details: Mapping[str, Any]


def due(connection: Connection, settings: Settings, now: float) -> list[Alarm]:
    """All that is so at this moment, whether it was told or not."""
    first = hour_of(now) - LATELY + 1
    lately = guard_reports.by_country(connection, first)
    before = guard_reports.by_country(connection, first - BEFORE, first)
    found = [_pumping(connection, now), *_caps(connection, settings, now)]
    for country, counts in lately.items():
        usual = before.get(country, Counts())
        found += [_conversion(country, counts, usual), _delivery(country, counts, usual)]
    return [alarm for alarm in found if alarm]


def _pumping(connection: Connection, now: float) -> Alarm | None:
    found = standing.suspicion(connection, now)
    if found is None:
        return None
    first = found.subjects[0]
    details = {"stopped": found.stopped, "sent": found.sent, "subject": first.subject, "country": first.country}
    return Alarm(PUMPING, "", details)


def _caps(connection: Connection, settings: Settings, now: float) -> list[Alarm]:
    return [
        Alarm(CAP, name, {"spent": round(spent, 2), "cap": cap, "currency": settings.money.currency})
        for name, spent, cap in limits.spent(connection, settings, now)
        if cap and spent >= CAP_NEAR * cap
    ]


def _conversion(country: str, lately: Counts, before: Counts) -> Alarm | None:
    """Half of what is usual, and no chance."""
    if lately.sent < FEWEST or before.sent < FEWEST_BEFORE:
        return None
    usual = before.proved / before.sent
    if lately.proved >= usual * lately.sent / 2 or _deviations(lately.proved, lately.sent, usual) > -DEVIATIONS:
        return None
    details = {"country": country, "sent": lately.sent, "proved": lately.proved, "usual": round(usual, 2)}
    return Alarm(CONVERSION, country, details)


def _delivery(country: str, lately: Counts, before: Counts) -> Alarm | None:
    reported, reported_before = lately.delivered + lately.failed, before.delivered + before.failed
    if reported < FEWEST or lately.failed < FAILING * reported:
        return None
    usual = before.failed / reported_before if reported_before >= FEWEST_BEFORE else USUALLY_FAILED
    if _deviations(lately.failed, reported, usual) < DEVIATIONS:
        return None
    details = {"country": country, "delivered": lately.delivered, "failed": lately.failed}
    return Alarm(DELIVERY, country, details)


def _deviations(found: int, of: int, usual: float) -> float:
    """How many standard deviations above what is usual."""
    share = min(max(usual, 0.01), 0.99)
    return (found - of * usual) / math.sqrt(of * share * (1 - share))
