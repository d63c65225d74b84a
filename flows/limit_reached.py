"""Webhooks hear of a limit of messages that was met: after the refusal, whose transaction rolls back all it wrote.

told   around the transaction that counts a message; the refusal goes on as it was
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flows.services import Services
from rules.limits import HOUR, LimitMetError
from settings.webhooks import LIMIT_REACHED
from storage import counters, webhook_events
from storage.accounts import Identifier
from storage.counters import Raise

MOST = 60  # an hour, whichever limits: whoever runs into limits on purpose must not fill the outbox


@contextmanager
def told(services: Services, identifier: Identifier, usage: str) -> Iterator[None]:
    try:
        yield
    except LimitMetError as refused:
        _tell(services, identifier, usage, refused)
        raise


def _tell(services: Services, identifier: Identifier, usage: str, refused: LimitMetError) -> None:
    """Once an hour for each limit. The network of whoever asked is not told."""
    with services.database.read() as connection:
        if not webhook_events.is_heard(connection, LIMIT_REACHED):
            return
    now = services.clock()
    once, some = Raise(f"told:{refused.key}", HOUR), Raise("told", HOUR)
    data = {"limit": refused.name, "country": identifier.country, "usage": usage}
    own = {identifier.kind: identifier.value} if refused.name == "recipient" else {}
    with services.database.write() as connection:
        if counters.raise_within(connection, once, 1, now) and counters.raise_within(connection, some, MOST, now):
            webhook_events.tell(connection, LIMIT_REACHED, now, data, identifier=own)
