"""Sign in and up with an account at another provider.

  1. start    which provider?                                     -> where to send the browser | refused
  2. arrive   who came back, and whose account is it?             -> signed in | second_factor | ask | linked | refused

A state is good once, for ten minutes, for the browser that took it along; nonce and PKCE verifier are derived from it.
Whoever the provider names by its issuer and subject is an account's owner or somebody new: addresses never decide it.
Who is new goes on with flows/linking.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flows import arrivals, entrance
from flows.outcomes import Done, Next, Refused, SignedIn
from flows.refusals import explained
from flows.services import Services, UpstreamIdentity, UpstreamProblem, UpstreamVisit, Visitor
from flows.upstream_audit import note
from rules.entrance import has_new_password
from rules.refusals import Reason, RefusedError
from rules.tokens import hash_token, new_token, token_after
from settings.keys import Use
from settings.upstreams import kind_of
from storage import accounts, events, tickets, upstream_identities, upstream_visits
from storage.database import Connection
from storage.sessions import Session
from storage.upstream_identities import LinkedIdentity
from storage.upstream_visits import Visit

FLOW = KIND = "upstream"
LINK = "link"
VISIT_SECONDS = 600


@dataclass(frozen=True)
class Away:
    """The browser is to go to ``address``, to the provider of this title."""

    address: str
    title: str


@dataclass(frozen=True)
class Offer:
    """A provider as its button shows it. ``button``: a source text; ``title``: what stands in it."""

    name: str
    button: str
    title: str
    mark: str


def offers(services: Services) -> list[Offer]:
    """Those with a button, in the console's order; none where the application allows other ways only, or in a frame."""
    upstreams = services.settings().upstreams
    if services.stays or (services.ways and KIND not in services.ways):
        return []
    return [offer_of(services, name) for name in upstreams.offered]


def offer_of(services: Services, name: str) -> Offer:
    form, config = services.upstreams[kind_of(name)], services.settings().upstreams.configurations.get(name, {})
    return Offer(name, form.button, str(config.get("label") or form.title), form.mark)


@explained
def start(
    services: Services, visitor: Visitor, name: str, flow: str, session: Session | None = None, back: str = ""
) -> Away | Refused:
    """``flow``: sign_in, sign_up, or link for the account of ``session``. ``back``: goes along with the state."""
    if name not in [offer.name for offer in offers(services)] or not services.sign_in().enabled:
        raise RefusedError(Reason.SWITCHED_OFF)
    state, now = f"{new_token()}.{back}" if back else new_token(), services.clock()
    address = services.upstream_address(_visit(services, name, state))
    if isinstance(address, UpstreamProblem):
        raise RefusedError(Reason.UPSTREAM_AWAY)
    account_id = session.owner_id if session and flow == LINK else None
    browser = hash_token(visitor.browser)
    with services.database.write() as connection:
        upstream_visits.add(
            connection, Visit(hash_token(state), browser, name, flow, account_id, now, now + VISIT_SECONDS)
        )
    return Away(address, offer_of(services, name).title)


def _visit(services: Services, name: str, state: str) -> UpstreamVisit:
    key = services.keys.all(Use.UPSTREAM)[0]
    return UpstreamVisit(
        name=name,
        config=services.settings().upstreams.configurations[name],
        state=state,
        nonce=token_after(key, f"nonce:{state}"),
        verifier=token_after(key, f"verifier:{state}"),
        back_to=back_to(services, name),
    )


def back_to(services: Services, name: str) -> str:
    """The address that the provider must know, to send browsers back to."""
    return f"{services.environment.public_url}/upstream/{name}/arrive"


@explained
def arrive(
    services: Services, visitor: Visitor, session: Session | None, name: str, answer: Mapping[str, str]
) -> SignedIn | Next | Done | Refused:
    """``answer``: what the browser brought back. The provider is asked with no transaction open."""
    visit = _spend(services, visitor, session, name, answer.get("state", ""))
    came = services.upstream_identity(_visit(services, name, answer["state"]), answer)
    if isinstance(came, UpstreamProblem):
        note(services, visitor, visit, came.why)
        raise RefusedError(Reason.UPSTREAM_CANCELLED if came.why == "cancelled" else Reason.UPSTREAM_UNPROVED)
    with services.database.write() as connection:
        known = upstream_identities.find(connection, came.issuer, came.subject)
        if visit.flow == LINK:
            return _link(services, connection, visitor, visit, came)
        if known:
            return _enter(services, connection, visitor, visit, known, came)
        return arrivals.receive(services, connection, visitor, visit, came)


def _spend(services: Services, visitor: Visitor, session: Session | None, name: str, state: str) -> Visit:
    """The visit that a state stands for, which is over with this. Raises RefusedError."""
    now = services.clock()
    with services.database.read() as connection:
        visit = upstream_visits.find(connection, hash_token(state)) if state else None
    if visit is None:  # nobody's: nothing is written, so that nobody can fill the log
        raise RefusedError(Reason.UPSTREAM_UNPROVED)
    wrong = _why_not(services, visitor, session, name, visit, now)
    if not wrong:
        with services.database.write() as connection:
            wrong = "" if upstream_visits.use(connection, visit.state_hash, now) else "replayed_state"
    if wrong:
        note(services, visitor, visit, wrong)
        raise RefusedError(REASONS.get(wrong, Reason.UPSTREAM_UNPROVED))
    return visit


REASONS = {"late": Reason.UPSTREAM_LATE, "replayed_state": Reason.UPSTREAM_LATE, "other_account": Reason.OTHER_ACCOUNT}


def _why_not(services: Services, visitor: Visitor, session: Session | None, name: str, visit: Visit, now: float) -> str:
    """Why the state is worth nothing here, in a word for the audit log."""
    if visit.used_at:
        return "replayed_state"
    if visit.browser != hash_token(visitor.browser):
        return "login_csrf"
    if visit.name != name:
        return "mix_up"
    if visit.expires_at <= now:
        return "late"
    if name not in services.settings().upstreams.offered or not services.sign_in().enabled:
        return "switched_off"
    if visit.flow == LINK and (session is None or session.owner_id != visit.account_id):
        return "other_account"
    return ""


def _enter(
    services: Services,
    connection: Connection,
    visitor: Visitor,
    visit: Visit,
    known: LinkedIdentity,
    came: UpstreamIdentity,
) -> SignedIn | Next:
    """In to the account that the identity is linked to, whatever address it tells today."""
    now = services.clock()
    entrant = accounts.by_id(connection, known.account_id, lock=True)  # first, as whoever unlinks takes it
    if entrant is None or not upstream_identities.seen(connection, known.id, visit.name, came.email, now):
        raise RefusedError(Reason.START_AGAIN)
    if came.email != known.email:
        address, device = visitor.address, visitor.device
        events.add(connection, entrant.id, "upstream_email_changed", address, device, now, name=visit.name)
        note(services, visitor, visit, "email_changed", connection=connection)
    ticket = arrivals.ticket_of(services, visitor, FLOW, account_id=entrant.id)
    tickets.add(connection, ticket)
    tickets.prove(connection, ticket.id, now, used=False, by=KIND, account_id=entrant.id)
    return entrance.admit(services, connection, visitor, replace(ticket, proved_at=now, proved_by=KIND), entrant)


def _link(
    services: Services, connection: Connection, visitor: Visitor, visit: Visit, came: UpstreamIdentity
) -> Done | Refused:
    """For the account whose owner asked for it, with a fresh proof, before they left."""
    assert visit.account_id, "a visit to link belongs to an account"
    entrant = accounts.by_id(connection, visit.account_id, lock=True)
    if entrant is None or has_new_password(entrant, visit.created_at):
        raise RefusedError(Reason.UPSTREAM_UNPROVED)
    ticket = arrivals.ticket_of(services, visitor, entrance.LINKING, account_id=visit.account_id)
    tickets.add(connection, ticket)
    upstream_identities.add_arrival(connection, arrivals.arrival_of(ticket.id, visit.name, came))
    entrance.link_arrival(services, connection, visitor, visit.account_id, ticket.id)
    return Done()
