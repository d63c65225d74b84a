"""The accounts at other providers that one's own account is linked to.

own      which are mine
unlink   as long as a way in is left     -> done | refused

One more is linked by flows/upstream.py, with a fresh proof.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flows.outcomes import Done, Refused
from flows.refusals import explained
from flows.services import Services, Visitor
from flows.upstream import Offer, offer_of, offers
from rules.entrance import comes_in
from rules.refusals import Reason, RefusedError
from settings.upstreams import kind_of
from storage import accounts, events, upstream_identities
from storage.sessions import Session


@dataclass(frozen=True)
class Linked:
    """``email``: what the provider told last."""

    id: str
    name: str
    title: str
    email: str
    created_at: float
    used_at: float


def own(services: Services, session: Session) -> list[Linked]:
    with services.database.read() as connection:
        found = upstream_identities.of_account(connection, session.owner_id)
    return [
        Linked(each.id, each.name, title_of(services, each.name), each.email, each.created_at, each.used_at)
        for each in found
    ]


def title_of(services: Services, name: str) -> str:
    return offer_of(services, name).title if kind_of(name) in services.upstreams else name


def addable(services: Services, session: Session) -> list[Offer]:
    """Those with a button that the account is not linked to yet."""
    mine = {each.name for each in own(services, session)}
    return [offer for offer in offers(services) if offer.name not in mine]


@explained
def unlink(services: Services, visitor: Visitor, session: Session, identity_id: str) -> Done | Refused:
    """The last way in stays. One that has no button any more is none."""
    with services.database.write() as connection:
        entrant = accounts.by_id(connection, session.owner_id, lock=True)
        mine = upstream_identities.of_account(connection, session.owner_id)
        going = next((each for each in mine if each.id == identity_id), None)
        if entrant is None or going is None:
            raise RefusedError(Reason.START_AGAIN)
        after = replace(entrant, elsewhere=tuple(each.name for each in mine if each.id != identity_id))
        if not comes_in(services.settings(), after):
            raise RefusedError(Reason.LAST_WAY)
        upstream_identities.remove(connection, session.owner_id, identity_id)
        address, device, now = visitor.address, visitor.device, services.clock()
        events.add(connection, session.owner_id, "upstream_unlinked", address, device, now, name=going.name)
    return Done()
