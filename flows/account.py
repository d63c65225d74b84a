"""A person's own account.

numbers   which numbers name it
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


def numbers(services: Services, session: Session) -> list[OwnNumber]:
    with services.database.read() as connection:
        found = accounts.identifiers(connection, session.owner_id)
    return [OwnNumber(display(each.value), masked(each.value)) for each in found if each.kind == accounts.PHONE]
