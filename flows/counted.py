"""The transaction that counts a message, and what is left of one that is refused.

counted   around it: what refuses it rolls back all it wrote. Then what the guard stopped is written down, and webhooks
          hear of a limit that was met; the refusal goes on as it was
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flows.services import Services
from rules import guarding, told_once
from rules.limits import LimitMetError
from settings.webhooks import LIMIT_REACHED
from storage import webhook_events
from storage.accounts import Identifier
from storage.database import Connection


@contextmanager
def counted(services: Services, to: Identifier, usage: str) -> Iterator[Connection]:
    try:
        with services.database.write() as connection:
            yield connection
    except guarding.StoppedError as stopped:
        with services.database.write() as connection:
            guarding.write_down(connection, stopped, services.clock())
        raise
    except LimitMetError as refused:
        _tell(services, to, usage, refused)
        raise


def _tell(services: Services, to: Identifier, usage: str, refused: LimitMetError) -> None:
    """The network of whoever asked is not told."""
    with services.database.read() as connection:  # most installations need no transaction for this
        if not webhook_events.is_heard(connection, LIMIT_REACHED):
            return
    now = services.clock()
    data = {"limit": refused.name, "country": to.country, "usage": usage}
    own = {to.kind: to.value} if refused.name == "recipient" else {}
    with services.database.write() as connection:
        if told_once.is_due(connection, LIMIT_REACHED, refused.key, now):
            webhook_events.tell(connection, LIMIT_REACHED, now, data, identifier=own)
