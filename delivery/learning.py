"""The guard learns of numbers that were proved: a moment after, many at a time, and in nobody's way.

Whoever types a code waits for none of it, and numbers that are proved at the same time cost one transaction.
"""

from __future__ import annotations

from rules import guarding
from storage import messages
from storage.database import Database

AT_ONCE = 24


class Learning:
    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self) -> None:
        with self._database.read() as connection:
            waiting = messages.any_to_learn(connection)
        while waiting:
            with self._database.write() as connection:
                proofs = messages.take_to_learn(connection, most=AT_ONCE)
                if proofs:
                    guarding.learn(connection, proofs)
            waiting = len(proofs) == AT_ONCE
