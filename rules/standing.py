"""What the guard holds against whom at this moment, until when, and whether somebody is pumping.

reactions    the levels that are challenged or refused, or that an admin decided about
suspicion    what speaks for an attack in the last hour; None while all is quiet
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rules.risk import Why, refuses_at
from rules.risk_evidence import score_of, weight_of
from rules.risk_levels import ALLOW, CHALLENGE, HOUR, LEVELS, REFUSE, Level
from storage import guard_reports
from storage.database import Connection
from storage.guard import Record
from storage.guard_reports import Counts, Stopped

LOOKED_BACK = 72 * HOUR  # seconds; what stopped nobody for so long is not looked for
MOST = 200  # subjects that are looked at
SUSPECTED = 10  # messages stopped in an hour, below which it may be people's bad luck
SUSPECTED_SHARE = 0.05  # of all that were asked for; of people the guard stops one in a hundred at most
PINNABLE = ("country", "block6", "block4", "block3", "block2", "network", "address")
NO_EVIDENCE = (Why.NUMBER, Why.PINNED, Why.CAP)  # of pumping: one number, an admin's own word, or the money


@dataclass(frozen=True)
class Reaction:
    """``decision``: allow, challenge or refuse; ``pinned``: an admin's word, without an end; ``until``: when what is
    held against it has faded if nothing new comes. ``sent``, ``proved`` since ``since``."""

    subject: str
    country: str
    decision: str
    pinned: bool
    until: float | None
    sent: int
    proved: int
    since: float


@dataclass(frozen=True)
class Suspicion:
    """The last hour: ``stopped`` messages (or that would have been, watching), ``sent`` ones, and the subjects that
    most was held against. ``watched``: nothing is stopped, because the guard only watches."""

    stopped: int
    sent: int
    subjects: tuple[Stopped, ...]
    watched: bool


def reactions(connection: Connection, now: float) -> list[Reaction]:
    """The most severe and widest first. What was stopped lately and what is pinned is looked at."""
    found = guard_reports.stops(connection, hour_of(now - LOOKED_BACK), most=MOST, newest=True)
    countries = {each.subject: each.country for each in found if each.reason not in NO_EVIDENCE}
    records = guard_reports.records(connection, {*countries, *(f"country:{name}" for name in countries.values())})
    records |= {record.key: record for record in guard_reports.pinned(connection)}
    asked = [key for key in records if key in countries or records[key].pin]
    standing = [_reaction(records[key], countries.get(key, ""), records, now) for key in asked]
    ranks = {REFUSE: 0, CHALLENGE: 1, ALLOW: 2}
    order = [*PINNABLE, "elsewhere"]
    return sorted(
        (each for each in standing if each),
        key=lambda each: (ranks[each.decision], order.index(kind_of(each.subject)), each.subject),
    )


def _reaction(record: Record, country: str, records: dict[str, Record], now: float) -> Reaction | None:
    level = LEVELS.get(kind_of(record.key))
    if level is None:
        return None
    home = records.get(f"country:{country}") or Record("")
    score = score_of(level, record, weight_of(home), now)
    decision = record.pin or _decision(level, score, refuses_at(level, record, home, now))
    if decision == ALLOW and not record.pin:
        return None
    until = None if record.pin else now + level.half_life * math.log2(score / level.challenge)
    return Reaction(record.key, country, decision, bool(record.pin), until, record.sent, record.proved, record.since)


def _decision(level: Level, score: float, refuse: float) -> str:
    if score >= refuse:
        return REFUSE
    return CHALLENGE if score >= level.challenge else ALLOW


def suspicion(connection: Connection, now: float) -> Suspicion | None:
    found = guard_reports.stops(connection, hour_of(now) - 1, most=MOST, newest=True)
    lately = [each for each in found if each.reason not in NO_EVIDENCE and each.last_at > now - HOUR]
    stopped = sum(each.times for each in lately)
    if stopped < SUSPECTED:
        return None
    asked = guard_reports.by_hour(connection, hour_of(now) - 1)
    sent, held = sum(each.sent for each in asked.values()), sum(each.stopped for each in asked.values())
    if stopped < SUSPECTED_SHARE * (sent + held):
        return None
    watched = all(each.watched for each in lately)
    return Suspicion(stopped, sent, tuple(_most(lately)), watched)


def _most(found: Sequence[Stopped]) -> list[Stopped]:
    """One a subject, by how often it was stopped."""
    first: dict[str, Stopped] = {}
    for each in sorted(found, key=lambda each: -each.times):
        first.setdefault(each.subject, each)
    return list(first.values())


def kind_of(subject: str) -> str:
    """The level of a subject: "block4" of "block4:+3361234"."""
    return subject.partition(":")[0]


def hour_of(moment: float) -> int:
    """Hours since 1970, as the guard counts."""
    return int(moment // HOUR)


def saved(counts: Counts, price: float) -> float:
    """An estimate: what was stopped, less what went out after all, at the price of a message."""
    return max(0, counts.stopped - counts.solved) * price
