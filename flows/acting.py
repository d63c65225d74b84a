"""A program that acts for somebody: its grant stands for a person's session, its client for an admin.

session_of   the grant's session, as fresh as the verification of this id
begin        a verification; whoever proves it writes into it          -> its id
find         the grant's own verification of this id                   -> session | None
admin_of     what a machine's client may do in the console's flows

A verification stands for the person's fresh proof. It is a session that opens nothing, so that flows/proof.py serves
pages and programs alike. The browser's own proof counts for nothing here: a program must not profit from what its
person did somewhere else.
"""

from __future__ import annotations

from flows.services import Services
from rules.roles import Role
from rules.tokens import hash_token, is_id, new_id
from storage import sessions
from storage.admins import Admin
from storage.clients import Client
from storage.grants import Grant
from storage.sessions import Audience, Session

SECONDS = 1200  # ten minutes to prove it, and ten in which it is fresh


def session_of(services: Services, grant: Grant, verification_id: str = "") -> Session:
    """What flows take as the person's session."""
    verification = find(services, grant, verification_id)
    return Session(
        id=grant.session_id,
        token_hash="",
        audience=Audience.ACCOUNT,
        owner_id=grant.account_id,
        created_at=grant.created_at,
        expires_at=grant.expires_at,
        address="",
        device="",
        proofs=verification.proofs if verification else "[]",
        proved_at=verification.proved_at if verification else None,
    )


def begin(services: Services, grant: Grant, verification_id: str = "") -> str:
    """``verification_id``: the id of the ticket that proves it, where there is one. Coming again changes nothing."""
    if find(services, grant, verification_id):
        return verification_id
    verification_id, now = verification_id or new_id(), services.clock()
    row = Session(
        id=verification_id,
        token_hash=_name(grant, verification_id),
        audience=Audience.VERIFICATION,
        owner_id=grant.account_id,
        created_at=now,
        expires_at=now + SECONDS,
        address="",
        device="",
    )
    with services.database.write() as connection:
        sessions.add(connection, row)
    return verification_id


def find(services: Services, grant: Grant, verification_id: str) -> Session | None:
    if not is_id(verification_id):
        return None
    with services.database.read() as connection:
        return sessions.find(connection, _name(grant, verification_id), Audience.VERIFICATION, services.clock())


def _name(grant: Grant, verification_id: str) -> str:
    """Only this grant finds it."""
    return hash_token(f"{grant.id}:{verification_id}")


def admin_of(client: Client) -> Admin:
    """Sees whole numbers: which of the flows it comes to is for its scopes."""
    return Admin(client.id, author(client), "", None, 0, Role.ADMIN)


def author(client: Client) -> str:
    """Under which name the audit log has it."""
    return f"{client.settings.name} (API)"
