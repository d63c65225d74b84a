"""A challenge was solved.

  solved    the browser's next message may go, within ten minutes; it spends what was solved

How the challenge is put and checked is the affair of who calls this. ``Refused("challenge").values["effort"]``, from 1
to 8, says how hard it should be.
"""

from __future__ import annotations

from flows.services import Services, Visitor
from rules import guarding
from rules.tokens import hash_token


def solved(services: Services, visitor: Visitor) -> None:
    with services.database.write() as connection:
        guarding.solved(connection, hash_token(visitor.browser), services.clock())
