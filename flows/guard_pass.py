"""A challenge was solved.

  solved      the browser's next message may go, within ten minutes; it spends what was solved
  hand_over   the browser has another secret: whoever signs in or out gets one

What a solved challenge let through to a number may be repeated once, and once the number is proved the next one may go,
within an hour. How a challenge is put and checked: flows/challenge.py.
"""

from __future__ import annotations

from flows.services import Services, Visitor
from rules import guarding
from rules.tokens import hash_token
from storage import guard


def solved(services: Services, visitor: Visitor) -> None:
    with services.database.write() as connection:
        guarding.solved(connection, hash_token(visitor.browser), services.clock())


def hand_over(services: Services, before: str, after: str) -> None:
    with services.database.write() as connection:
        guard.move_pass(connection, hash_token(before), hash_token(after), services.clock())
