"""What is written into the audit log of those who come from other providers: each attempt at a takeover by its name.

unverified_email   it tells an address of an account here, and does not say that it is verified
email_changed      it tells another address than last time; nothing follows from it
same_subject       another issuer has somebody of the same subject
replayed_state, login_csrf, mix_up, swapped_code, other_account ...   see flows/upstream.py, upstream/protocol.py
"""

from __future__ import annotations

from flows.services import Services, Visitor
from storage import audit, counters
from storage.audit import Entry
from storage.counters import Raise
from storage.database import Connection
from storage.upstream_visits import Visit

NOTICED = ("unverified_email", "email_changed", "same_subject")  # and let go on
MOST, HOUR = 5, 3600  # entries of one visit: whoever sends the same again must not fill the log


def note(services: Services, visitor: Visitor, visit: Visit, why: str, *, connection: Connection | None = None) -> None:
    """In a transaction of its own, unless one is given."""
    if connection is None:
        with services.database.write() as own:
            return note(services, visitor, visit, why, connection=own)
    now = services.clock()
    if counters.raise_within(connection, Raise(f"upstream:{visit.state_hash}", HOUR), MOST, now):
        action = "upstream.noticed" if why in NOTICED else "upstream.refused"
        details = {"provider": visit.name, "why": why, "flow": visit.flow, "address": visitor.address}
        audit.add(connection, Entry(now, "visitor", action, details))
    return None
