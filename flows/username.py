"""The username of one's own account, changed by who is signed in and has shown lately who they are.

own          the name, "" for none
is_of_use    whether one signs in with it today, or has one
change       another one; "" for none      -> done | refused
"""

from __future__ import annotations

from flows.identifier import read_identifier
from flows.outcomes import Done, Refused
from flows.refusals import explained
from flows.services import Services, Visitor
from rules.entrance import comes_back_without
from rules.refusals import Reason, RefusedError
from storage import accounts, events
from storage.accounts import USERNAME
from storage.sessions import Session


def own(services: Services, session: Session) -> str:
    with services.database.read() as connection:
        mine = accounts.identifiers(connection, session.owner_id)
    return next((each.value for each in mine if each.kind == USERNAME), "")


def is_of_use(services: Services, session: Session) -> bool:
    return USERNAME in services.settings().sign_in.kinds() or bool(own(services, session))


@explained
def change(services: Services, visitor: Visitor, session: Session, typed: str) -> Done | Refused:
    """That a name is taken has to be told."""
    if services.settings().account_centre.username != "edit":
        raise RefusedError(Reason.SWITCHED_OFF)
    new, now = read_identifier(services, typed, "", [USERNAME]) if typed else None, services.clock()
    with services.database.write() as connection:
        entrant = accounts.by_id(connection, session.owner_id, lock=True)
        mine = [each for each in accounts.identifiers(connection, session.owner_id) if each.kind == USERNAME]
        if entrant is None or [each.value for each in mine] == ([new.value] if new else []):
            return Done()
        if new is None and not comes_back_without(services.settings(), entrant, USERNAME):
            raise RefusedError(Reason.LAST_WAY)
        for each in mine:
            accounts.remove_identifier(connection, session.owner_id, USERNAME, each.value)
        if new and not accounts.add_identifier(connection, session.owner_id, new, now):
            raise RefusedError(Reason.NAME_TAKEN)
        shown = new.value if new else ""
        place = (visitor.address, visitor.device)
        events.add(connection, session.owner_id, "username_changed", *place, now, shown=shown)
    return Done()
