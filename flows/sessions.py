"""Sessions of people: begun by a flow, seen, and ended one by one.

begin_for_number   for whichever account the number names
who                whose is this token?
list_all           where am I signed in?
end                end one of mine
end_others         end all but this
sign_out           end this
"""

from __future__ import annotations

from flows.outcomes import SignedIn
from flows.services import Services, Visitor
from rules.tokens import hash_token, new_id, new_token
from storage import sessions
from storage.database import Connection
from storage.sessions import Audience, Session

DAY = 86400


def begin_for_number(services: Services, connection: Connection, visitor: Visitor, number: str) -> SignedIn | None:
    """A session for the account of a number that was just proved; None where it has no account."""
    token, now = new_token(), services.clock()
    expires_at = now + services.settings().sessions.days * DAY
    session = Session(
        id=new_id(),
        token_hash=hash_token(token),
        audience=Audience.ACCOUNT,
        owner_id="",
        created_at=now,
        expires_at=expires_at,
        address=visitor.address,
        device=visitor.device,
    )
    if sessions.add_for_number(connection, session, number) is None:
        return None
    return SignedIn(token, expires_at)


def who(services: Services, token: str) -> Session | None:
    if not token:
        return None
    with services.database.read() as connection:
        return sessions.find(connection, hash_token(token), Audience.ACCOUNT, services.clock())


def list_all(services: Services, session: Session) -> list[Session]:
    with services.database.read() as connection:
        return sessions.of_owner(connection, Audience.ACCOUNT, session.owner_id, services.clock())


def end(services: Services, session: Session, session_id: str) -> bool:
    """False where the owner has no session of this id."""
    with services.database.write() as connection:
        return sessions.end_one(connection, Audience.ACCOUNT, session.owner_id, session_id)


def end_others(services: Services, session: Session) -> int:
    with services.database.write() as connection:
        return sessions.end_others(connection, Audience.ACCOUNT, session.owner_id, session.id)


def sign_out(services: Services, token: str) -> None:
    with services.database.write() as connection:
        sessions.end(connection, hash_token(token))
