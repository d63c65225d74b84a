"""What the records say: of whom, how much, whether it is known. Nothing is changed here, and no decision is made."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from rules.risk_levels import (
    ADDRESS,
    ADDRESS_IS_NEW,
    BLOCKS,
    BOUNDS,
    COUNTRY,
    COUNTRY_IS_NEW,
    ELSEWHERE,
    HOMES,
    IS_SERVED,
    KNOWN,
    KNOWN_UNPROVED,
    PACE_HALF_LIFE,
    PROOF,
    RANGE,
    TRUST_HALF_LIFE,
    TYPING,
    UNDER_WAY,
    UNPROVED_HALF_LIFE,
    USUAL,
    Level,
)
from storage.guard import Record

Records = dict[str, Record]


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
            "homes": f"homes:{self.country}",
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


def proofs_of(address: Record, now: float) -> float:
    """How many numbers were proved first from an address, the older ones fading."""
    return faded(address.usual_proved, now - address.at, TRUST_HALF_LIFE)


def is_trusted(address: Record, now: float) -> bool:
    """Whether an address has proved numbers lately, and is not under suspicion itself."""
    suspect = faded(address.score, now - address.at, ADDRESS.half_life) >= ADDRESS.challenge
    return proofs_of(address, now) >= IS_SERVED and not suspect


def is_trouble(asked: Asked, records: Records, now: float) -> bool:
    """Whether known numbers of a country are not proved either: that is the delivery's fault, and no attack."""
    weight = weight_of(records[asked.keys["country"]])
    return score_of(KNOWN, records[asked.keys["known"]], weight, now) >= KNOWN.challenge


def chain(asked: Asked, records: Records, now: float) -> list[tuple[Level, Record]]:
    """What a stranger is judged by, the narrowest first. Who comes from an address that proved numbers is judged with
    others who do, not with all of the country; and from one that proved many with nobody else."""
    levels, address = [BLOCKS[2], BLOCKS[3], BLOCKS[4]], records[asked.keys["address"]]
    if not is_trusted(address, now):
        levels += [RANGE, COUNTRY]
        if records[asked.keys["country"]].usual_proved < COUNTRY_IS_NEW:
            levels.append(ELSEWHERE)
    elif proofs_of(address, now) < ADDRESS_IS_NEW:
        levels.append(HOMES)
    return [(level, records[asked.keys[level.name]]) for level in levels]


def in_rush(level: Level, record: Record, now: float) -> bool:
    """Whether no code can have come back yet."""
    return level.patient and now - record.since < TYPING


def read_note(number: Record) -> dict[str, Any]:
    """Of a number: ``weights`` counted by key, ``country`` and ``address`` last asked from, ``usual``: whether it
    teaches what is usual, ``home``: the address that proved it, ``application``."""
    found: dict[str, Any] = json.loads(number.note) if number.note else {}
    return found
