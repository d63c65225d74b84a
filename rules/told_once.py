"""Webhooks hear of what may go on for long once an hour, and of one kind of event 60 times an hour at most: whoever
brings it about on purpose must not fill the outbox."""

from __future__ import annotations

from storage import counters, webhook_events
from storage.counters import Raise
from storage.database import Connection

HOUR = 3600
MOST = 60


def is_due(connection: Connection, kind: str, about: str, now: float) -> bool:
    """Whether an event of a ``kind`` is to be told ``about`` something. If so it counts as told."""
    if not webhook_events.is_heard(connection, kind):
        return False
    once, some = Raise(f"told:{kind}:{about}", HOUR), Raise(f"told:{kind}", HOUR)
    return counters.raise_within(connection, once, 1, now) and counters.raise_within(connection, some, MOST, now)
