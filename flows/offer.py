"""A second factor is offered to who is in by one step, and has none. Nothing waits for the answer.

is_due    may it be asked now?
not_now   and not again, for the days that the settings say
offered   what somebody new would be asked to set up             -> the kinds, none where nobody is asked

Who says yes sets one up like anybody else (flows/enrol.py).
"""

from __future__ import annotations

from flows.services import Services, Visitor
from rules.second_factors import addable, is_offered
from settings.consistency import takes_new
from storage import accounts, events
from storage.accounts import EMAIL, PHONE, USERNAME, Entrant
from storage.sessions import Session

DAY = 86400


def is_due(services: Services, session: Session) -> bool:
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, session.owner_id)
    return entrant is not None and is_offered(services.settings(), entrant, services.clock())


def offered(services: Services) -> list[str]:
    settings, now = services.settings(), services.clock()
    has = {kind: int(takes_new(settings, kind)) for kind in (PHONE, EMAIL, USERNAME)}
    newcomer = Entrant(
        id="",
        created_at=now,
        locale="",
        password_hash=None,
        password_at=None,
        suspended_at=None,
        terms_version=None,
        later_until=None,
        seen_at=None,
        offer_after=None,
        phones=has[PHONE],
        emails=has[EMAIL],
        usernames=has[USERNAME],
        totp=0,
        passkeys=0,
        backup_codes=0,
        claims=0,
        joins=False,
        heard=False,
    )
    return addable(settings, newcomer) if is_offered(settings, newcomer, now) else []


def not_now(services: Services, visitor: Visitor, session: Session) -> None:
    """Once more, or where nothing is offered any more: nothing happens."""
    settings, now = services.settings(), services.clock()
    with services.database.write() as connection:
        entrant = accounts.by_id(connection, session.owner_id, lock=True)
        if entrant is None or not is_offered(settings, entrant, now):
            return
        accounts.leave_alone(connection, session.owner_id, now + settings.second_factors.offer_days * DAY)
        events.add(connection, session.owner_id, "factor_put_off", visitor.address, visitor.device, now)
