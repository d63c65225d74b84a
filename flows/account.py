"""A person's own account.

number   which number names it
"""

from __future__ import annotations

from dataclasses import dataclass

from flows.services import Services
from rules.phones import display, masked
from storage import accounts
from storage.sessions import Session


@dataclass(frozen=True)
class OwnNumber:
    shown: str
    masked: str


def number(services: Services, session: Session) -> OwnNumber:
    with services.database.read() as connection:
        first = accounts.numbers(connection, session.owner_id)[0]
    return OwnNumber(display(first.value), masked(first.value))
