"""What an account still lacks under today's settings, asked for once somebody is in.

what_next      the first thing that is missing                    -> its name | None
lacks          is this missing, too?                              -> yes | no
agree          to the terms
choose_name    a username                                         -> done | refused
choose_password                                                   -> done | refused
later          a second factor is put off, where the settings let it -> done | refused

A number, an address and a second factor are added by the flows that add them to any account. What is not missing is
changed in the account centre alone, as far as the settings let it and with a fresh proof.
"""

from __future__ import annotations

from flows.identifier import read_identifier
from flows.new_password import is_alone, own_names, read_new_password
from flows.outcomes import Done, Refused
from flows.refusals import explained
from flows.services import Services, Visitor
from rules.entrance import PASSWORD, SECOND_FACTOR, due, may_wait
from rules.refusals import Reason, RefusedError
from storage import accounts, events, sessions
from storage.accounts import USERNAME, Entrant
from storage.sessions import Session

DAY = 86400


def what_next(services: Services, session: Session) -> str | None:
    return next(iter(_due(services, session)), None)


def lacks(services: Services, session: Session, what: str) -> bool:
    return what in _due(services, session)


def _due(services: Services, session: Session) -> list[str]:
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, session.owner_id)
    return _due_of(services, entrant)


def _due_of(services: Services, entrant: Entrant | None) -> list[str]:
    return due(services.settings(), entrant, services.clock()) if entrant else []


def finish(services: Services, session: Session) -> None:
    """Nothing is missing: the session opens everything from now on."""
    with services.database.write() as connection:
        sessions.set_pending(connection, session.id, pending=False)


def agree(services: Services, session: Session) -> None:
    with services.database.write() as connection:
        accounts.agree(connection, session.owner_id, services.settings().sign_up.terms_version, services.clock())


def days_to_wait(services: Services, session: Session) -> int:
    """For how long a second factor can be put off; 0 where it cannot."""
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, session.owner_id)
    settings = services.settings()
    return settings.second_factors.later_days if entrant and may_wait(settings, entrant) else 0


@explained
def later(services: Services, visitor: Visitor, session: Session) -> Done | Refused:
    """Only where it is what is asked for now: nothing else can wait."""
    days, now = days_to_wait(services, session), services.clock()
    if not days or what_next(services, session) != SECOND_FACTOR:
        raise RefusedError(Reason.SWITCHED_OFF)
    with services.database.write() as connection:
        if not accounts.put_off(connection, session.owner_id, now + days * DAY):
            raise RefusedError(Reason.SWITCHED_OFF)
        events.add(connection, session.owner_id, "factor_put_off", visitor.address, visitor.device, now)
    return Done()


@explained
def choose_name(services: Services, session: Session, typed: str) -> Done | Refused:
    """That a name is taken has to be told."""
    identifier = read_identifier(services, typed, "", [USERNAME])
    with services.database.write() as connection:
        entrant = accounts.by_id(connection, session.owner_id, lock=True)  # of two at once one gives the name
        if USERNAME not in _due_of(services, entrant):
            return Done()
        if not accounts.add_identifier(connection, session.owner_id, identifier, services.clock()):
            raise RefusedError(Reason.NAME_TAKEN)
    return Done()


@explained
def choose_password(services: Services, visitor: Visitor, session: Session, typed: str) -> Done | Refused:
    """The first one of an account; of two at once one counts."""
    with services.database.read() as connection:
        names = own_names(connection, session.owner_id)
        entrant = accounts.by_id(connection, session.owner_id)
    if entrant is None or PASSWORD not in _due_of(services, entrant):
        return Done()
    password_hash = read_new_password(services, typed, alone=is_alone(services), context=names)
    now = services.clock()
    with services.database.write() as connection:
        if accounts.replace_password(connection, entrant, password_hash, now):
            events.add(connection, session.owner_id, "password_set", visitor.address, visitor.device, now)
    return Done()
