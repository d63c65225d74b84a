"""What each message and each proof says: counting, ageing, undoing. No decision here, and no database."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from rules.risk_levels import (
    ADDRESS,
    BLOCKS,
    BOUNDS,
    COUNTRY,
    COUNTRY_IS_NEW,
    DAY,
    ELSEWHERE,
    KNOWN,
    KNOWN_UNPROVED,
    LEVELS,
    MOST_COUNTRIES,
    NETWORK,
    OTHERS,
    OTHERS_WITHIN,
    PACE_HALF_LIFE,
    PROBE,
    PROOF,
    QUIET,
    RANGE,
    TRUST_HALF_LIFE,
    UNDER_WAY,
    UNPROVED_HALF_LIFE,
    USUAL,
    USUAL_HALF_LIFE,
    Level,
)
from storage.guard import Record

Records = dict[str, Record]
KEPT_KNOWN, KEPT_STRANGE = 180 * DAY, 7 * DAY
KEPT = {ADDRESS.name: 60 * DAY, COUNTRY.name: 400 * DAY, KNOWN.name: 60 * DAY, ELSEWHERE.name: 60 * DAY}
KEPT_BLOCK = 30 * DAY


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """The /24 of an IPv4 address, the /48 of an IPv6 one; what is no address stands for itself."""
    try:
        bits = 24 if ip_address(address).version == 4 else 48
    except ValueError:
        return address
    return str(ip_network((address, bits), strict=False))


@dataclass(frozen=True)
class Asked:
    """A message that somebody asks for. ``number`` in E.164; ``address``: from :func:`rules.addresses.limit_key`;
    ``withheld``: it costs nothing, for it never leaves; ``line``: of what kind a stranger's number is, where that was
    asked for."""

    number: str
    country: str
    address: str
    application: str = ""
    withheld: bool = False
    line: str = ""
    keys: dict[str, str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        keys = {f"block{free}": f"block{free}:{self.number[:-free]}" for free in (2, 3, 4, 6)}
        keys |= {
            "number": f"number:{self.number}",
            "country": f"country:{self.country}",
            "known": f"known:{self.country}",
            "elsewhere": "elsewhere:",
            "address": f"address:{self.address}",
            "network": f"network:{network_of(self.address)}",
        }
        object.__setattr__(self, "keys", keys)


def faded(value: float, seconds: float, half_life: float) -> float:
    return value * 0.5 ** (seconds / half_life) if value and seconds > 0 else value


def usual(country: Record) -> float:
    """The share of numbers that people prove in a country, as far as it is known."""
    guess, weight = USUAL
    share = (country.usual_proved + guess * weight) / (country.usual_sent + weight)
    return min(max(share, BOUNDS[0]), BOUNDS[1])


@lru_cache(maxsize=1024)
def _weight(share: float) -> float:
    return math.log((1 - share * math.exp(-PROOF)) / (1 - share))


def weight_of(country: Record) -> float:
    """What a number that is not proved says, in nats."""
    return _weight(round(usual(country), 2))


def score_of(level: Level, record: Record, weight: float, now: float) -> float:
    """The evidence as it stands: aged, less what is probably only under way."""
    gone = now - record.at
    score = faded(record.score, gone, level.half_life)
    return score - weight * UNDER_WAY * faded(record.pace, gone, PACE_HALF_LIFE) if score else 0.0


def unproved(number: Record, now: float) -> float:
    """How many messages a number got since it was proved, the older ones fading."""
    return faded(number.score, now - number.at, UNPROVED_HALF_LIFE)


def is_known(number: Record, now: float) -> bool:
    return number.usual_proved > 0 and unproved(number, now) < KNOWN_UNPROVED


def is_trusted(address: Record, now: float) -> bool:
    """Whether an address has proved numbers lately, and is not under suspicion itself."""
    proofs = faded(address.usual_proved, now - address.at, TRUST_HALF_LIFE)
    return proofs >= 0.5 and faded(address.score, now - address.at, ADDRESS.half_life) < ADDRESS.challenge


def is_trouble(asked: Asked, records: Records, weight: float, now: float) -> bool:
    """Whether known numbers of a country are not proved either: that is the delivery's fault, and no attack."""
    return score_of(KNOWN, records[asked.keys["known"]], weight, now) >= KNOWN.challenge


def chain(asked: Asked, records: Records, *, wide: bool) -> list[tuple[Level, Record]]:
    """What a stranger is judged by, the narrowest first; ``wide``: with what is wider than a block."""
    levels = [BLOCKS[2], BLOCKS[3], BLOCKS[4]]
    if wide:
        levels += [RANGE, COUNTRY]
        if records[asked.keys["country"]].usual_proved < COUNTRY_IS_NEW:
            levels.append(ELSEWHERE)
    return [(level, records[asked.keys[level.name]]) for level in levels]


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
    if not level.wide and record.score >= PROBE * level.refuse:
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


def read_note(number: Record) -> dict[str, Any]:
    """Of a number: ``weights`` counted by key, ``country`` and ``address`` last asked from, ``usual``: whether it
    teaches what is usual, ``home``: the address that proved it, ``application``."""
    found: dict[str, Any] = json.loads(number.note) if number.note else {}
    return found


def count_sent(asked: Asked, records: Records, now: float) -> list[Record]:
    """A message was sent: what it says until it is proved. The records that changed."""
    number, address = records[asked.keys["number"]], records[asked.keys["address"]]
    known, streak, note = is_known(number, now), unproved(number, now), read_note(number)
    weights: dict[str, float] = note.get("weights", {})
    others = note.get("address", address.key) != address.key and now - number.at < OTHERS_WITHIN
    changed: Records = {number.key: number}

    def add(level: Level, record: Record, times: int = 1) -> None:
        changed[record.key] = record
        weights[record.key] = weights.get(record.key, 0.0) + _add(record, level, times * weight, now)

    country = records[asked.keys["country"]]
    weight = weight_of(country)
    if streak < 0.5 or streak >= 1.5:  # people ask twice; that is one number that is not proved
        explained = score_of(ADDRESS, address, weight, now) >= ADDRESS.keeps
        if not asked.withheld:  # else it is held against whoever asks, and nobody else: it costs us nothing
            note["usual"] = note.get("usual", 0) + _learn(country, known, changed, now)
        if known and not asked.withheld:
            add(KNOWN, records[asked.keys["known"]])
        elif not asked.withheld:
            spared = explained or is_trusted(address, now) or is_trouble(asked, records, weight, now)
            for level, record in chain(asked, records, wide=not spared):
                keeps = score_of(level, record, weight, now) >= level.keeps
                add(level, record)
                if keeps:
                    break
        add(ADDRESS, address, _countries(address, asked.country, now))
        if not explained:
            add(NETWORK, records[asked.keys["network"]])
    note |= {"weights": weights, "country": asked.country, "address": address.key, "application": asked.application}
    number.score, number.at = streak + (OTHERS if streak and others else 1), now
    number.note = json.dumps(note, separators=(",", ":"))
    number.expires_at = max(number.expires_at, _until(now, KEPT_STRANGE))
    return list(changed.values())


def _countries(address: Record, country: str, now: float) -> int:
    """Of how many countries numbers were asked for from an address since all was well: people seldom have several."""
    age(address, ADDRESS, now)
    found = {country, *address.note.split()}
    address.note = " ".join(sorted(found)[:MOST_COUNTRIES])
    return min(len(found), MOST_COUNTRIES)


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
    if (address := records.get(note.get("address", ""))) is not None:
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
