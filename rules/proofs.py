"""What a person has shown to get in, as a session keeps it: ``[{"by": "code", "kind": "phone", "at": 1700000000.0}]``.

``by``: code, password, passkey, upstream, totp, sms, backup_code. ``kind``: the identifier that a code or a password
went with.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

FRESH_SECONDS = 600  # for how long a proof opens what is sensitive
KEPT = 10  # the newest proofs of a session


@dataclass(frozen=True)
class Proof:
    by: str
    kind: str
    at: float


def write(proofs: tuple[Proof, ...]) -> str:
    return json.dumps([asdict(proof) for proof in proofs])


def read(text: str) -> tuple[Proof, ...]:
    return tuple(Proof(**proof) for proof in json.loads(text))


def is_fresh(proved_at: float | None, now: float) -> bool:
    return proved_at is not None and now - proved_at < FRESH_SECONDS
