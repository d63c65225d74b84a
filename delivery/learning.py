"""What follows from codes that were typed back: a moment after, many at a time, and in nobody's way.

Their messages are marked and the guard learns of their numbers. Whoever types a code waits for none of it, and codes
that are typed at the same time cost one transaction.
"""

from __future__ import annotations

from rules import guarding
from storage import messages, tickets
from storage.accounts import PHONE
from storage.database import Connection, Database
from storage.tickets import TypedBack

AT_ONCE = 24


class Learning:
    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self) -> None:
        with self._database.read() as connection:
            waiting = tickets.any_typed_back(connection)
        while waiting:
            with self._database.write() as connection:
                some = tickets.take_typed_back(connection, most=AT_ONCE)
                if some:
                    _learn(connection, some)
            waiting = len(some) == AT_ONCE


def _learn(connection: Connection, some: list[TypedBack]) -> None:
    messages.verified(connection, {each.message_id: each.at for each in some})
    if proofs := [(each.address, each.at) for each in some if each.kind == PHONE]:
        guarding.learn(connection, proofs)
