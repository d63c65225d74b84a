"""Proof of work (altcha): a sum that costs a browser seconds, and the server half a millisecond to check.

How hard a sum is, whose it is and until when stands with the server. What comes back is believed in nothing: its
parameters carry our signature, and must be those that this challenge has today.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence

from altcha.v2 import Payload, create_challenge, verify_solution

ALGORITHM = "PBKDF2/SHA-256"
ROUNDS = 5000  # of hashing a try, times the effort
TRIES = (200, 300)  # until it is found: as many for everybody, so that nobody waits for luck
LONGEST = 4000  # characters of what comes back


def puzzle(key: bytes, challenge_id: str, effort: int) -> str:
    """What the browser's part is given, as JSON. A new one each time: any of them solves the challenge, once."""
    made = create_challenge(
        ALGORITHM,
        ROUNDS * effort,
        counter=TRIES[0] + secrets.randbelow(TRIES[1] - TRIES[0]),
        data={"challenge": challenge_id},
        hmac_secret=key,
    )
    return json.dumps(made.to_dict())


def is_solved(keys: Sequence[bytes], challenge_id: str, effort: int, payload: str) -> bool:
    """Whether the payload solves a puzzle that was made with one of the keys for this challenge, this hard."""
    if len(payload) > LONGEST or not any(verify_solution(payload, key).verified for key in keys):
        return False
    parameters = Payload.from_base64(payload).challenge.parameters
    return (parameters.algorithm, parameters.cost, parameters.data) == (
        ALGORITHM,
        ROUNDS * effort,
        {"challenge": challenge_id},
    )
