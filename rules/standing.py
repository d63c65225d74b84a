"""What the guard holds against whom at this moment, until when, and whether somebody is pumping.

reactions    the levels that are challenged or refused, or that an admin decided about
suspicion    what speaks for an attack in the last hour; None while all is quiet
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rules.risk import Why, thresholds
from rules.risk_levels import ALLOW, CHALLENGE, COUNTRY_IS_NEW, HOUR, LEVELS, RANGE, REFUSE, SHUT, Level
from rules.risk_reading import score_of, weight_of
from storage import guard_reports
from storage.database import Connection
from storage.guard import Record
from storage.guard_reports import Counts, Stopped

LOOKED_BACK = 72 * HOUR  # seconds; what stopped nobody for so long is not looked for
MOST = 200  # subjects that are looked at
SUSPECTED = 10  # messages stopped in an hour, below which it may be people's bad luck
SUSPECTED_SHARE = 0.05  # of all that were asked for; of people the guard stops one in a hundred at most
PINNABLE = ("country", "block6", "block4", "block3", "block2", "network", "address")
UNPINNED = ("elsewhere", "homes")  # an admin can only begin anew there
ORDER = ("country", *UNPINNED, *PINNABLE[1:])  # the widest first
SEVEREST = {REFUSE: 0, CHALLENGE: 1, ALLOW: 2}
NO_EVIDENCE = (Why.NUMBER, Why.PINNED, Why.CAP)  # of pumping: one number, an admin's own word, or the money


@dataclass(frozen=True)
class Reaction:
    """``decision``: allow, challenge or refuse; ``pinned``: an admin's word, without an end; ``overruled``: an admin
    decided about what it lies in, so that this is only what the guard would do; ``until``: when what is held against it
    has faded if nothing new comes. ``sent``, ``proved`` since ``since``; ``score`` in nats. ``within``: what of it is
    held too, the strongest first."""

    subject: str
    country: str
    decision: str
    pinned: bool
    overruled: bool
    until: float | None
    sent: int
    proved: int
    since: float
    score: float
    within: tuple[Reaction, ...] = ()


@dataclass(frozen=True)
class Suspicion:
    """The last hour: ``stopped`` messages (or that would have been, watching), ``sent`` ones, and the subjects that
    most was held against. ``watched``: nothing is stopped, because the guard only watches."""

    stopped: int
    sent: int
    subjects: tuple[Stopped, ...]
    watched: bool


def reactions(connection: Connection, now: float) -> list[Reaction]:
    """The most severe and widest first, each block within what it lies in, where that is held too. Looked at is what
    was stopped lately, what that lies in, and what is pinned: all by its key."""
    found = guard_reports.stops(connection, hour_of(now - LOOKED_BACK), most=MOST, newest=True)
    stopped = {each.subject: each.country for each in found if each.reason not in NO_EVIDENCE}
    countries = {f"country:{country}": country for country in stopped.values()}
    countries |= {wide: country for subject, country in stopped.items() for wide in _wider(subject, country)} | stopped
    records = guard_reports.records(connection, countries)
    records |= {record.key: record for record in guard_reports.pinned(connection)}
    standing: dict[str, Reaction] = {}
    outer: dict[str, str] = {}
    for key in sorted((key for key in records if kind_of(key) in ORDER), key=_rank):
        country = countries.get(key, "")
        home = records.get(f"country:{country}") or Record("")
        around = [standing[wide] for wide in _wider(key, country) if wide in standing and _is_judged_by(wide, home)]
        if reaction := _reaction(records[key], country, home, around, now):
            standing[key] = reaction
            if around and not reaction.pinned:
                outer[key] = around[0].subject
    return _nested(standing, outer)


def _nested(standing: dict[str, Reaction], outer: dict[str, str]) -> list[Reaction]:
    """``outer``: what a block is shown in, by its key."""
    within: dict[str, list[Reaction]] = {}
    for key, wide in outer.items():
        within.setdefault(wide, []).append(standing[key])
    top = [replace(each, within=_strongest(within.get(key, ()))) for key, each in standing.items() if key not in outer]
    return sorted(top, key=lambda each: (SEVEREST[each.decision], _rank(each.subject), -each.score))


def _wider(subject: str, country: str) -> list[str]:
    """The keys of what a block lies in, the widest first."""
    kind, _colon, prefix = subject.partition(":")
    if not kind.startswith("block"):
        return []
    ranges = [f"{RANGE.name}:{prefix[: int(kind[5:]) - 6]}"] if kind in SHUT else []
    return [f"country:{country}", "elsewhere:", *ranges]


def _is_judged_by(key: str, home: Record) -> bool:
    """Only countries that are new are judged together."""
    return key != "elsewhere:" or home.usual_proved < COUNTRY_IS_NEW


def _strongest(found: Sequence[Reaction]) -> tuple[Reaction, ...]:
    return tuple(sorted(found, key=lambda each: -each.score))


def _reaction(record: Record, country: str, home: Record, around: Sequence[Reaction], now: float) -> Reaction | None:
    """``around``: what is held that it lies in. A suspicious block is refused as soon as that is challenged."""
    level = LEVELS[kind_of(record.key)]
    score = score_of(level, record, weight_of(home), now)
    closed = [each.until for each in around if each.until is not None]
    narrow = SHUT.get(level.name, level) if closed else level
    decision = record.pin or _decision(score, *thresholds(narrow, record, home, now))
    if decision == ALLOW and not record.pin:
        return None
    until = None
    if not record.pin:
        until = max(_fades(level, score, now), min(_fades(narrow, score, now), max(closed, default=now)))
    return Reaction(
        subject=record.key,
        country=country,
        decision=decision,
        pinned=bool(record.pin),
        overruled=not record.pin and any(each.pinned for each in around),
        until=until,
        sent=record.sent,
        proved=record.proved,
        since=record.since,
        score=score,
    )


def _fades(level: Level, score: float, now: float) -> float:
    """When the evidence no longer challenges, if nothing new comes."""
    return now + level.half_life * math.log2(score / level.challenge)


def _decision(score: float, challenge: float, refuse: float) -> str:
    if score >= refuse:
        return REFUSE
    return CHALLENGE if score >= challenge else ALLOW


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


def _rank(subject: str) -> int:
    return ORDER.index(kind_of(subject))


def kind_of(subject: str) -> str:
    """The level of a subject: "block4" of "block4:+3361234"."""
    return subject.partition(":")[0]


def hour_of(moment: float) -> int:
    """Hours since 1970, as the guard counts."""
    return int(moment // HOUR)


def saved(counts: Counts, price: float) -> float:
    """An estimate: what was stopped, less what went out after all, at the price of a message."""
    return max(0, counts.stopped - counts.solved) * price
