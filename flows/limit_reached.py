"""Webhooks hear of a limit of messages that was met: after the refusal, whose transaction rolls back all it wrote.

told   around the transaction that counts a message; the refusal goes on as it was
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flows.services import Services
from rules import told_once
from rules.limits import LimitMetError
from settings.webhooks import LIMIT_REACHED
from storage import webhook_events
from storage.accounts import Identifier


@contextmanager
def told(services: Services, identifier: Identifier, usage: str) -> Iterator[None]:
    try:
        yield
    except LimitMetError as refused:
        _tell(services, identifier, usage, refused)
        raise


def _tell(services: Services, identifier: Identifier, usage: str, refused: LimitMetError) -> None:
    """The network of whoever asked is not told."""
    with services.database.read() as connection:  # most installations need no transaction for this
        if not webhook_events.is_heard(connection, LIMIT_REACHED):
            return
    now = services.clock()
    data = {"limit": refused.name, "country": identifier.country, "usage": usage}
    own = {identifier.kind: identifier.value} if refused.name == "recipient" else {}
    with services.database.write() as connection:
        if told_once.is_due(connection, LIMIT_REACHED, refused.key, now):
            webhook_events.tell(connection, LIMIT_REACHED, now, data, identifier=own)
