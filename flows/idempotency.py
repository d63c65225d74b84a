"""A program's call that may come many times and is done once: it bears a key of the program's own choosing.

begin     am I the first with this key?                  -> first | the answer that the first one got | refused
answered  this is what the first one was answered
undone    nothing was done, so the key is free again
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass, field

from flows.outcomes import Refused
from flows.services import Services
from settings.keys import Use
from storage import idempotency, sealing
from storage.idempotency import KeptCall

KEPT_SECONDS = 86400
PATIENCE, PAUSE = 2.0, 0.05  # seconds for which a call waits for the one before it, and between two looks
UNDER_WAY_SECONDS = 60  # longer than any call takes

OTHER_REQUEST, UNDER_WAY, UNFINISHED = "other_request", "under_way", "unfinished"


@dataclass(frozen=True)
class Call:
    """``holder``: whose key it is, so that no program meets another's; ``digests``: of what was asked, by each of our
    keys, the newest first."""

    holder: str
    key: str
    digests: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"idempotency_keys.{self.holder}.{self.key}"


@dataclass(frozen=True)
class First:
    """Nobody has come with this key: do it, and say what was answered."""


@dataclass(frozen=True)
class Again:
    """It was done. ``answer``: as :func:`answered` got it."""

    answer: str = field(repr=False)


def call(services: Services, holder: str, key: str, *asked: bytes) -> Call:
    """``asked``: all that tells one request from another. Only a digest is kept, and with a key of ours: passwords and
    codes are asked about, which could be guessed by a plain hash."""
    whole = b"".join(hashlib.sha256(part).digest() for part in asked)
    digests = [hmac.digest(own, whole, "sha256").hex() for own in services.keys.all(Use.CALLS)]
    return Call(holder, key, tuple(digests))


def begin(services: Services, call: Call) -> First | Again | Refused:
    """Whoever comes while the first one is under way waits a moment for its answer."""
    deadline = time.monotonic() + PATIENCE
    while True:
        now = services.clock()
        with services.database.write() as connection:
            if idempotency.begin(connection, call.holder, call.key, call.digests[0], now, now + KEPT_SECONDS):
                return First()
        with services.database.read() as connection:
            kept = idempotency.find(connection, call.holder, call.key)
        while kept and kept.answer is None and kept.request in call.digests and time.monotonic() < deadline:
            time.sleep(PAUSE)
            with services.database.read() as connection:
                kept = idempotency.find(connection, call.holder, call.key)
        if kept or time.monotonic() >= deadline:  # else the first one was undone, and we may be the first
            return _known(services, call, kept)


def _known(services: Services, call: Call, kept: KeptCall | None) -> Again | Refused:
    """A call whose end nobody knows is not done once more: it may have sent a message."""
    if kept is None:
        return Refused(UNDER_WAY, wait=1)
    if kept.request not in call.digests:
        return Refused(OTHER_REQUEST)
    if kept.answer is None:
        under_way = services.clock() - kept.created_at < UNDER_WAY_SECONDS
        return Refused(UNDER_WAY, wait=1) if under_way else Refused(UNFINISHED)
    return Again(sealing.unseal(services.keys.all(Use.SEALING), kept.answer, call.place))


def answered(services: Services, call: Call, answer: str) -> None:
    """Sealed: an answer may hold what is shown once."""
    sealed = sealing.seal(services.keys.all(Use.SEALING), answer, call.place)
    with services.database.write() as connection:
        idempotency.answer(connection, call.holder, call.key, sealed)


def undone(services: Services, call: Call) -> None:
    with services.database.write() as connection:
        idempotency.forget(connection, call.holder, call.key)
