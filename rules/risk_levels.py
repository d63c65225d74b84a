"""How much it takes. Each figure says what it protects; docs/guard.md says how it was reckoned.

Evidence is in nats: the logarithm of how much likelier what was seen is for an attack than for people. A stranger's
number that is not proved adds about 2 where nine of ten are, and less where fewer are; a proof takes 1.4 away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from settings.lookups import LANDLINE, SPECIAL, UNKNOWN, VOIP

MINUTE, HOUR, DAY = 60, 3600, 86400

ALLOW, CHALLENGE, REFUSE = "allow", "challenge", "refuse"


@dataclass(frozen=True)
class Level:
    """What strangers are judged by. ``challenge``, ``refuse``: from how much evidence on, in nats; ``keeps``: from how
    much on it keeps further evidence to itself, because it explains it; ``half_life``: seconds in which evidence fades
    by half; ``wide``: its reaction spares whoever comes from an address that has proved numbers; ``unheard``:
    refuses instead, where few people are and none was heard of; ``patient``: it takes more in a rush."""

    name: str
    challenge: float
    refuse: float
    keeps: float
    half_life: float
    wide: bool = False
    unheard: float = math.inf
    patient: bool = False


def _block(free: int) -> Level:
    # A block somebody can own. Few people share one, so four numbers in a row that nobody proves are no chance.
    return Level(f"block{free}", challenge=5, refuse=7.5, keeps=2.5, half_life=3 * DAY)


BLOCKS = {2: _block(2), 3: _block(3), 4: _block(4)}
# In a country that is challenged as a whole a suspicious block is refused.
SHUT = {each.name: replace(each, challenge=each.keeps, refuse=each.keeps) for each in BLOCKS.values()}
RANGE = Level("block6", challenge=7, refuse=21, keeps=7, half_life=DAY, wide=True, unheard=14, patient=True)
COUNTRY = replace(RANGE, name="country", keeps=math.inf)
ELSEWHERE = replace(COUNTRY, name="elsewhere")
HOMES = replace(COUNTRY, name="homes")  # strangers of a country who ask from addresses that proved a few numbers
ADDRESS = Level("address", challenge=7.5, refuse=20, keeps=2.5, half_life=DAY, unheard=14, patient=True)
NETWORK = Level("network", challenge=15, refuse=30, keeps=math.inf, half_life=DAY, patient=True)
KNOWN = Level("known", challenge=12, refuse=math.inf, keeps=math.inf, half_life=6 * HOUR)
EXCUSED = 4  # silent strangers by a known number that is silent too: in an outage there are about as many of both
LEVELS = {level.name: level for level in (*BLOCKS.values(), RANGE, COUNTRY, ELSEWHERE, HOMES, ADDRESS, NETWORK, KNOWN)}

MOST_COUNTRIES = 8  # of an address whose numbers are not proved: each one more makes the next silence weigh more

PROOF = math.log(4)  # an attacker proves a quarter of what people prove, at most
USUAL = (0.85, 40)  # what people prove where nothing is known yet, and how many messages that guess weighs
BOUNDS = (0.4, 0.9)  # of what is usual
USUAL_HALF_LIFE = 14 * DAY
QUIET = 2.5  # nats; above it, strangers teach nothing about what is usual: it may be an attack that they are part of
FEW_PEOPLE = 100  # proofs of the last weeks, five a day: a country that has fewer loses fewer people by closing sooner
IS_SERVED = 0.5  # proofs; a country that had one in two weeks is never refused for what happens elsewhere
COUNTRY_IS_NEW = 5  # proofs, below which a country shares its evidence with all others that are new
ADDRESS_IS_NEW = 5  # numbers, below which an address that proved some shares its evidence with others that did

PACE_HALF_LIFE = MINUTE
UNDER_WAY = 0.4  # of the pace: as many as were proved in the last 35 seconds may be under way

TYPING, RUSH = 2 * MINUTE, 2  # until a code can have come back, it takes twice as much

UNPROVED_HALF_LIFE = HOUR * 12
MOST_UNPROVED = 3.5  # messages to a number since it was proved: the fifth waits
OTHERS, OTHERS_WITHIN = 1.5, HOUR  # a message counts for more where another address asked for the last one just now
KNOWN_UNPROVED = 2.5  # from the fourth on, a known number is a stranger
PROBE = 0.8  # of what refuses: from there on a message that is sent is a probe
HOLD, HELD = 0.3, 1.5  # nats that an attempt at something refused adds, up to so many times what refuses
TRUST_HALF_LIFE = 30 * DAY
# What kind of line a number is, in nats: whoever is paid for calls to a number is likelier to attack than to sign in.
# Most people's numbers are mobile, and so are most of the numbers that attackers use: that says nothing. It counts
# where something is held against others like it already: EDGE of what challenges.
LINES = {SPECIAL: 4.6, VOIP: 2.3, LANDLINE: 2.3, UNKNOWN: 1.1}
EDGE = 0.5
CAP_NEAR = 0.8  # of the money of a day or a month
