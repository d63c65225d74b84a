"""A person's session becomes a grant: what an application may do in their name, and for how long."""

from __future__ import annotations

from typing import Any

from oidc.tokens import DAY, OFFLINE
from rules.tokens import new_id
from storage import consents, grants
from storage.clients import Client
from storage.database import Connection
from storage.grants import Grant
from storage.sessions import Session


def new_grant(
    connection: Connection, client: Client, session: Session, scope: tuple[str, ...], now: float, facts: dict[str, Any],
    organization_id: str | None,
) -> Grant:  # fmt: skip
    offline = OFFLINE in scope and client.settings.offline
    grant = Grant(
        id=new_id(),
        client_id=client.id,
        account_id=session.owner_id,
        session_id=session.id,
        subject=_subject(connection, client, session.owner_id),
        scope=" ".join(scope),
        facts=facts,
        created_at=now,
        expires_at=now + client.settings.refresh_days * DAY if offline else session.expires_at,
        told_at=None if client.settings.backchannel_logout_uri else now,
        organization_id=organization_id,
    )
    grants.add(connection, grant)
    return grant


def _subject(connection: Connection, client: Client, account_id: str) -> str:
    """How the client knows the account: by its id, which is random, or by a name of its own."""
    if not client.settings.pairwise:
        return account_id
    return consents.make_subject(connection, client.id, account_id, new_id())
