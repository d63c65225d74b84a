"""What each message and each proof says: counting, ageing, undoing. No decision here, and no database."""

from __future__ import annotations

import json
import math

from rules.risk_levels import (
    ADDRESS,
    COUNTRY,
    DAY,
    ELSEWHERE,
    EXCUSED,
    IS_SERVED,
    KNOWN,
    LEVELS,
    MOST_COUNTRIES,
    NETWORK,
    OTHERS,
    OTHERS_WITHIN,
    PACE_HALF_LIFE,
    PROBE,
    PROOF,
    QUIET,
    TRUST_HALF_LIFE,
    USUAL_HALF_LIFE,
    Level,
)
from rules.risk_reading import (
    Asked,
    Records,
    chain,
    faded,
    in_rush,
    is_known,
    is_trouble,
    read_note,
    score_of,
    unproved,
    weight_of,
)
from storage.guard import Record

KEPT_KNOWN, KEPT_STRANGE = 180 * DAY, 7 * DAY
KEPT = {ADDRESS.name: 60 * DAY, COUNTRY.name: 400 * DAY, KNOWN.name: 60 * DAY, ELSEWHERE.name: 60 * DAY}
KEPT_BLOCK = 30 * DAY


def age(record: Record, level: Level, now: float) -> None:
    """Bring a record up to now."""
    gone = now - record.at
    if gone > 0:
        record.score = faded(record.score, gone, level.half_life)
        record.pace = faded(record.pace, gone, PACE_HALF_LIFE)
        long = TRUST_HALF_LIFE if level is ADDRESS else USUAL_HALF_LIFE
        record.usual_sent = faded(record.usual_sent, gone, long)
        record.usual_proved = faded(record.usual_proved, gone, long)
        if record.score < 0.05:
            _calm(record)
        record.at = now
    record.expires_at = _until(now, KEPT.get(level.name, KEPT_BLOCK))


def _until(now: float, seconds: float) -> float:
    """In whole days: what changes seldom costs PostgreSQL no new entry in an index."""
    return math.ceil((now + seconds) / DAY) * DAY


def _calm(record: Record) -> None:
    record.score, record.since, record.sent, record.proved, record.note = 0.0, 0.0, 0, 0, ""


def _add(record: Record, level: Level, weight: float, now: float) -> float:
    """Add evidence, and say how much. A probe of a narrow thing that fails counts twice."""
    age(record, level, now)
    if not level.wide and record.score >= PROBE * level.refuse and not in_rush(level, record, now):
        weight *= 2
    record.since = record.since or now
    record.sent += 1
    record.score += weight
    return weight


def _take(record: Record, level: Level, weight: float, now: float) -> None:
    """A proof undoes what its message added, and speaks for the others. A probe of a wide thing that succeeds counts
    twice: many people wait for it."""
    age(record, level, now)
    proof = 2 * PROOF if level.wide and record.score >= PROBE * level.refuse else PROOF
    record.proved += 1
    record.pace += 1
    record.score -= weight + proof
    if record.score <= 0:
        _calm(record)


def count_sent(asked: Asked, records: Records, now: float) -> list[Record]:
    """A message was sent: what it says until it is proved. The records that changed."""
    number, address = records[asked.keys["number"]], records[asked.keys["address"]]
    known, streak, note = is_known(number, now), unproved(number, now), read_note(number)
    weights: dict[str, float] = note.get("weights", {})
    others = note.get("address", address.key) != address.key and now - number.at < OTHERS_WITHIN
    changed: Records = {number.key: number}

    def add(level: Level, record: Record, times: float = 1) -> None:
        changed[record.key] = record
        weights[record.key] = weights.get(record.key, 0.0) + _add(record, level, times * weight, now)

    country = records[asked.keys["country"]]
    weight = weight_of(country)
    if streak < 0.5 or streak >= 1.5:  # people ask twice; that is one number that is not proved
        explained = score_of(ADDRESS, address, weight, now) >= ADDRESS.keeps
        if not asked.withheld:  # else it is held against whoever asks, and nobody else: it costs us nothing
            note["usual"] = note.get("usual", 0) + _learn(country, known, changed, now)
            for level, record, times in _blamed(
                asked, records, now, known=known, first=streak < 0.5, explained=explained
            ):
                add(level, record, times)
        add(ADDRESS, address, _countries(address, asked.country, now))
        if not explained:
            add(NETWORK, records[asked.keys["network"]])
    note |= {"weights": weights, "country": asked.country, "address": address.key, "application": asked.application}
    number.score, number.at = streak + (OTHERS if streak and others else 1), now
    number.note = json.dumps(note, separators=(",", ":"))
    number.expires_at = max(number.expires_at, _until(now, KEPT_STRANGE))
    return list(changed.values())


def _blamed(
    asked: Asked, records: Records, now: float, *, known: bool, first: bool, explained: bool
) -> list[tuple[Level, Record, float]]:
    """What a silent number is held against, and how many times: as wide as nothing narrower explains it, and never its
    country where its address explains it or delivery is broken. A known number's says something of delivery, once: an
    outage is many people's. It excuses a few strangers', or an attacker's telephones would feign one."""
    delivery = records[asked.keys["known"]]
    if known:
        return [(KNOWN, delivery, 1)] if first else []
    weight = weight_of(records[asked.keys["country"]])
    excused = not explained and is_trouble(asked, records, now)
    found = [(KNOWN, delivery, -1 / EXCUSED)] if excused else []
    for level, record in chain(asked, records, now):
        if level.wide and (explained or excused):
            break
        found.append((level, record, 1))
        if score_of(level, record, weight, now) >= level.keeps:
            break
    return found


def _countries(address: Record, country: str, now: float) -> int:
    """Of how many countries numbers were asked for since all was well, from an address that proved none: people seldom
    have several."""
    age(address, ADDRESS, now)
    found = {country, *address.note.split()}
    address.note = " ".join(sorted(found)[:MOST_COUNTRIES])
    return min(len(found), MOST_COUNTRIES) if address.usual_proved < IS_SERVED else 1


def _learn(country: Record, known: bool, changed: Records, now: float) -> int:
    """Known numbers, and strangers while all is quiet, teach what share is proved."""
    age(country, COUNTRY, now)
    if not known and country.score >= QUIET:
        return 0
    country.usual_sent += 1
    changed[country.key] = country
    return 1


def keys_of_note(number: Record) -> set[str]:
    """The records that a proof of this number changes."""
    note = read_note(number)
    more = {f"country:{note['country']}", note["address"]} if "address" in note else set()
    return {number.key, *note.get("weights", {}), *more}


def count_proved(number: Record, records: Records, now: float) -> list[Record]:
    """The code came back. ``records``: those of :func:`keys_of_note`; others are left as they are."""
    note = read_note(number)
    changed: Records = {number.key: number}
    for key, weight in note.get("weights", {}).items():
        if key in records:
            _take(records[key], LEVELS[key.partition(":")[0]], weight, now)
            changed[key] = records[key]
    address = records.get(note.get("address", ""))
    if address is not None and not number.usual_proved:  # a number vouches for one address, or one would do for all
        age(address, ADDRESS, now)
        address.usual_proved += 1
        changed[address.key] = address
    if note.get("usual") and (country := records.get(f"country:{note['country']}")) is not None:
        age(country, COUNTRY, now)
        country.usual_proved += note["usual"]
        changed[country.key] = country
    number.score, number.at, number.usual_proved = 0.0, now, 1.0
    number.note = json.dumps({"home": note.get("address") or note.get("home", "")}, separators=(",", ":"))
    number.expires_at = _until(now, KEPT_KNOWN)
    return list(changed.values())


def count_unsent(number: Record, records: Records, now: float) -> list[Record]:
    """Nothing reached the number, so nothing can be held against anybody."""
    note = read_note(number)
    changed: Records = {number.key: number}
    for key, weight in note.pop("weights", {}).items():
        if key in records:
            record, level = records[key], LEVELS[key.partition(":")[0]]
            age(record, level, now)
            record.score -= weight
            if record.score <= 0:
                _calm(record)
            changed[key] = record
    number.score, number.at = max(0.0, unproved(number, now) - 1), now
    number.note = json.dumps(note, separators=(",", ":"))
    return list(changed.values())
