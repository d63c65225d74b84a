"""Whether a message may be sent: allow it, ask for a challenge first, or refuse it, and why.

A number that was proved before goes through. A stranger's is judged by what became of others like it: the numbers of
its blocks, of its country, and those that were asked for from the same address and network. Evidence that a narrow
thing explains (a block) is not held against a wide one (its country).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from rules.risk_evidence import age
from rules.risk_levels import (
    ADDRESS,
    ALLOW,
    CAP_NEAR,
    CHALLENGE,
    EDGE,
    FEW_PEOPLE,
    HELD,
    HOLD,
    IS_SERVED,
    LEVELS,
    LINES,
    MOST_UNPROVED,
    NETWORK,
    REFUSE,
    RUSH,
    SHUT,
    UNPROVED_HALF_LIFE,
    Level,
)
from rules.risk_reading import (
    Asked,
    Records,
    chain,
    in_rush,
    is_known,
    is_trouble,
    is_trusted,
    read_note,
    score_of,
    unproved,
    weight_of,
)
from settings.lookups import SPECIAL
from storage.guard import Record

STEPS = {ALLOW: 0, CHALLENGE: 1, REFUSE: 2}
MOST_EFFORT = 8


class Why(StrEnum):
    """Why a message was not simply allowed. The console puts it into words, with the figures."""

    NUMBER = "number_unproved"  # messages to this number that nobody typed back
    BLOCK = "block_unproved"
    RANGE = "range_unproved"
    COUNTRY = "country_unproved"
    NEW_COUNTRIES = "new_countries_unproved"
    HOMES = "homes_unproved"  # addresses that proved a few numbers, and now do not
    ADDRESS = "address_unproved"
    NETWORK = "network_unproved"
    PINNED = "pinned"  # an admin's word
    CAP = "cap_near"  # what is left of the money is for numbers that are known


WHY = {
    "block2": Why.BLOCK,
    "block3": Why.BLOCK,
    "block4": Why.BLOCK,
    "block6": Why.RANGE,
    "country": Why.COUNTRY,
    "elsewhere": Why.NEW_COUNTRIES,
    "homes": Why.HOMES,
    "address": Why.ADDRESS,
    "network": Why.NETWORK,
}


@dataclass(frozen=True)
class Verdict:
    """``subject``: the key of what it is held against; ``figures``: sent, proved, seconds, score and line, for the
    words. ``wait``: seconds until the number may be tried again; ``effort``: 1 to 8, how hard a challenge should be."""

    decision: str
    why: str = ""
    subject: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    wait: int | None = None
    effort: int = 1


GO = Verdict(ALLOW)


def judge(asked: Asked, records: Records, now: float) -> Verdict:
    """Decide about one message, from the records of its keys. Changes nothing."""
    number = records[asked.keys["number"]]
    if pinned := _pinned(asked, records):
        return pinned
    messages = unproved(number, now)
    if messages >= MOST_UNPROVED and read_note(number).get("home") != asked.keys["address"]:
        wait = math.ceil(UNPROVED_HALF_LIFE * math.log2(messages / MOST_UNPROVED)) + 1
        return Verdict(REFUSE, Why.NUMBER, number.key, {"sent": round(messages), "proved": 0}, wait)
    origin = _origin(asked, records, now)
    if is_known(number, now):
        return _softer(_severest(origin))
    verdicts = _chained(asked, records, now)
    if _is_vouched_for(asked, records, now) and not any(map(_is_wide, verdicts)):
        verdicts = list(map(_softer, verdicts))
    if is_trouble(asked, records, now):  # nobody is refused for that
        verdicts = [_softer(verdict) if _is_wide(verdict) else verdict for verdict in verdicts]
    return _severest([*origin, *verdicts])


def _severest(verdicts: list[Verdict]) -> Verdict:
    return max(verdicts, key=lambda verdict: STEPS[verdict.decision])


def hangs_on_line(asked: Asked, records: Records, now: float, *, solved: bool) -> bool:
    """Whether a message would be sent that another kind of line would stop. ``solved``: its challenge is."""
    if is_known(records[asked.keys["number"]], now):
        return False
    plain, worst = judge(asked, records, now), judge(replace(asked, line=SPECIAL), records, now)
    would_go = plain.decision == ALLOW or (plain.decision == CHALLENGE and solved)
    return would_go and plain.decision != worst.decision


def with_cap(verdict: Verdict, asked: Asked, records: Records, cap: tuple[str, float], now: float) -> Verdict:
    """Where a cap of money is near, strangers make an effort first. ``cap``: money:day or money:month, and how much of
    it is used up."""
    name, used = cap
    at_home = is_known(records[asked.keys["number"]], now) or is_trusted(records[asked.keys["address"]], now)
    if used < CAP_NEAR or verdict.decision != ALLOW or verdict.why or at_home:
        return verdict
    return Verdict(CHALLENGE, Why.CAP, name, {"used": round(used, 2)})


def _chained(asked: Asked, records: Records, now: float) -> list[Verdict]:
    """What is held against a stranger's blocks and country, the narrowest first. In a country that is challenged as a
    whole a suspicious block is refused at once: the two say the same independently of each other."""
    levels = chain(asked, records, now)
    country = records[asked.keys["country"]]
    verdicts = [_verdict(level, record, country, now, asked.line) for level, record in levels]
    if country.usual_proved >= IS_SERVED:
        verdicts = [_softer(verdict) if verdict.why == Why.NEW_COUNTRIES else verdict for verdict in verdicts]
    if any(_is_wide(verdict) for verdict in verdicts):
        blocks = [(SHUT[level.name], record) for level, record in levels if not level.wide]
        verdicts = [_verdict(level, record, country, now, asked.line) for level, record in blocks] + verdicts
    return verdicts


def _origin(asked: Asked, records: Records, now: float) -> list[Verdict]:
    """What is held against where it comes from."""
    levels, country = (ADDRESS, NETWORK), records[asked.keys["country"]]
    return [_verdict(level, records[asked.keys[level.name]], country, now, asked.line) for level in levels]


def _is_vouched_for(asked: Asked, records: Records, now: float) -> bool:
    """Whether it comes from an address that proved numbers, and has not one fresh silence of its own."""
    address, weight = records[asked.keys["address"]], weight_of(records[asked.keys["country"]])
    return is_trusted(address, now) and score_of(ADDRESS, address, weight, now) < weight / 2


def _level_of(verdict: Verdict) -> Level | None:
    return LEVELS.get(verdict.subject.partition(":")[0])


def _is_wide(verdict: Verdict) -> bool:
    level = _level_of(verdict)
    return level is not None and level.wide


def _pinned(asked: Asked, records: Records) -> Verdict | None:
    """An admin's word about the narrowest thing that it was said of."""
    for name in ("number", "block2", "block3", "block4", "block6", "address", "network", "country"):
        record = records[asked.keys[name]]
        if record.pin:
            return Verdict(record.pin, Why.PINNED, record.key)
    return None


def thresholds(level: Level, record: Record, country: Record, now: float) -> tuple[float, float]:
    """From how much evidence on it is challenged, and refused: twice as much while no code can have come back yet. Less
    refuses where few people are and none was heard of, or from an address that nobody was ever heard from."""
    if in_rush(level, record, now):
        return RUSH * level.challenge, RUSH * level.refuse
    few = record.usual_proved < IS_SERVED if level is ADDRESS else country.usual_proved < FEW_PEOPLE
    return level.challenge, min(level.refuse, level.unheard) if few and not record.proved else level.refuse


def _verdict(level: Level, record: Record, country: Record, now: float, line: str) -> Verdict:
    """What is held against others like it, and what its own line says."""
    challenge, refuse = thresholds(level, record, country, now)
    score = score_of(level, record, weight_of(country), now)
    if score >= EDGE * challenge:
        score += LINES.get(line, 0)
    if score < challenge:
        return GO
    figures: dict[str, Any] = {
        "sent": record.sent,
        "proved": record.proved,
        "seconds": round(now - record.since),
        "score": round(score, 1),
    }
    if line in LINES:
        figures["line"] = line
    effort = min(MOST_EFFORT, 1 + int(score / challenge))
    return Verdict(REFUSE if score >= refuse else CHALLENGE, WHY[level.name], record.key, figures, None, effort)


def _softer(verdict: Verdict) -> Verdict:
    return replace(verdict, decision=CHALLENGE, effort=MOST_EFFORT) if verdict.decision == REFUSE else verdict


def holds(verdict: Verdict) -> bool:
    """Whether a refusal keeps what it is held against from fading: a block, an address or a network that is still being
    tried. A country is tried anew, at the price of a few messages: anybody could keep it refused for nothing."""
    level = _level_of(verdict)
    return verdict.decision == REFUSE and level is not None and not level.wide and verdict.why != Why.PINNED


def held(verdict: Verdict, records: Records, now: float) -> Record:
    """The record that a refusal keeps from fading."""
    level, record = LEVELS[verdict.subject.partition(":")[0]], records[verdict.subject]
    age(record, level, now)
    record.score = max(record.score, min(record.score + HOLD, HELD * level.refuse))
    return record
