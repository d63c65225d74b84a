"""Sessions of people: begun by a flow, seen, and ended one by one.

who                whose is this token?
longest_idle       how long may nobody open a page?
list_all           where am I signed in?
end                end one of mine
end_others         end all but this
sign_out           end this
"""

from __future__ import annotations

from flows.services import Services
from rules.tokens import hash_token
from settings.sections import REQUIRED
from storage import sessions
from storage.sessions import Audience, Session


def who(services: Services, token: str) -> Session | None:
    if not token:
        return None
    with services.database.read() as connection:
        return sessions.find(connection, hash_token(token), Audience.ACCOUNT, services.clock())


def longest_idle(services: Services) -> int:
    """Seconds; 0 where it does not matter. NIST SP 800-63B-4, 2.2.3: an hour, where a second factor is asked of all."""
    settings = services.settings()
    return settings.sessions.idle_minutes * 60 if settings.second_factors.policy == REQUIRED else 0


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
