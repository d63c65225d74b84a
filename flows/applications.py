"""The applications that a person signs in to, as they see them themselves.

list_mine   which, and what each may know
revoke      it starts anew: its tokens end, and it has to ask again
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flows.services import Services
from rules.tokens import is_id
from storage import clients, consents, grants
from storage.clients import Client
from storage.grants import Grant
from storage.sessions import Session


@dataclass(frozen=True)
class MyApplication:
    """``scope``: all that it may know by now; ``used_at``: when the person last came to it; ``changes``: it may use the
    Account API."""

    client_id: str
    name: str
    home_url: str
    scope: frozenset[str]
    used_at: float
    changes: bool = False


def list_mine(services: Services, session: Session) -> list[MyApplication]:
    """The one last used first."""
    with services.database.read() as connection:
        given = grants.of_account(connection, session.owner_id, services.clock())
        known = clients.find_many(connection, {each.client_id for each in given})
    found = [_mine(client, [each for each in given if each.client_id == client.id]) for client in known]
    return sorted(found, key=lambda each: each.used_at, reverse=True)


def _mine(client: Client, given: Sequence[Grant]) -> MyApplication:
    scope = frozenset(name for each in given for name in each.scopes)
    used_at = max(each.created_at for each in given)
    told = client.settings
    return MyApplication(client.id, told.name, told.home_url, scope, used_at, changes=told.account_api)


def revoke(services: Services, session: Session, client_id: str) -> None:
    if not is_id(client_id):
        return
    with services.database.write() as connection:
        consents.take_back(connection, session.owner_id, client_id)
        grants.end_of_client(connection, session.owner_id, client_id, services.clock())
