"""What follows from messages and from codes that were typed back: a moment after, many at a time, in nobody's way.

What the guard let through is counted by the hour. Messages whose codes came back are marked, the row of wrong tries of
their numbers ends, and the guard learns of these. Whoever asks for a code or types one waits for none of it, and what
happens at the same time costs one transaction.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from rules import guarding, tries
from storage import messages, tickets
from storage.accounts import PHONE
from storage.database import Connection, Database
from storage.tickets import TypedBack

AT_ONCE = 24


class Learning:
    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._sent: Counter[tuple[str, str, float]] = Counter()
        self._counting = threading.Lock()

    def count_sent(self, country: str, application: str) -> None:
        """The guard let one more message through. Told to the database with the next :meth:`run`."""
        with self._counting:
            self._sent[country, application, self._clock() // guarding.HOUR * guarding.HOUR] += 1

    def run(self) -> None:
        self._tell_sent()
        with self._database.read() as connection:
            waiting = tickets.any_typed_back(connection)
        while waiting:
            with self._database.write() as connection:
                some = tickets.take_typed_back(connection, most=AT_ONCE)
                if some:
                    _learn(connection, some)
            waiting = len(some) == AT_ONCE

    def _tell_sent(self) -> None:
        with self._counting:
            sent, self._sent = self._sent, Counter()
        if not sent:
            return
        try:
            with self._database.write() as connection:
                guarding.sent(connection, sent)
        except Exception:  # next time, then
            with self._counting:
                self._sent.update(sent)
            raise


def _learn(connection: Connection, some: list[TypedBack]) -> None:
    messages.verified(connection, {each.message_id: each.at for each in some})
    tries.have_succeeded(connection, [(each.usage, each.address, each.at) for each in some])
    if proofs := [(each.address, each.at) for each in some if each.kind == PHONE]:
        guarding.learn(connection, proofs)
