"""The authorization endpoint: may this application have a code for whoever is at this browser?

  1. begin      a request comes, from an application's link or form
  2. resume     the person comes back from signing in, or from the page of consent
  3. consent    the person says yes
  4. refuse     the person goes back without

A request that has to wait for the person is a row that belongs to their browser, with its id in the addresses of the
pages, so that two tabs with two applications do not mix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flows.services import Services
from oidc import assurance, organization, waiting_requests
from oidc import authorization_request as asked
from oidc.answers import Answer, answer, refused
from oidc.authorization_request import TO_CHANGE, AnswerError, AuthorizationRequest, PageError
from oidc.granting import new_grant
from rules import ways_in
from rules.tokens import hash_token, is_id, new_token
from storage import authorization_requests, clients, consents, device_codes, grants
from storage.authorization_requests import WaitingRequest
from storage.clients import Client
from storage.grants import Code
from storage.organizations import Organization
from storage.sessions import Session

CODE_SECONDS = 60
SILENT = {
    "consent": "consent_required",
    "complete": "interaction_required",
    "organization": "interaction_required",
}  # what prompt=none is told


@dataclass(frozen=True)
class Ask:
    """The person has to do something first: ``step`` is sign_in, sign_up, forgot_password, complete,
    organization or consent."""

    step: str
    request_id: str
    locales: str = ""
    hint: str = ""
    framed: bool = False


@dataclass(frozen=True)
class Waiting:
    """A request that waits, as pages tell of it. ``again``: signing in once more is what it waits for.

    ``organization``: for which the person signs in, where one is named already; ``policy``: of oidc/assurance.py.
    ``framed``: its pages are shown in a frame of the site ``origin``; ``by_message``: that is where its answer goes.
    """

    id: str
    client: Client
    organization: Organization | None
    policy: str
    scope: tuple[str, ...]
    again: bool
    hint: str
    origin: str
    framed: bool
    by_message: bool


def begin(
    services: Services, lists: Mapping[str, list[str]], browser: str, session: Session | None, network: str
) -> Answer | Ask:
    """Raises PageError."""
    parameters = waiting_requests.take(services, asked.single(lists))
    client = asked.destination(services, parameters)
    try:
        request = asked.read(services, client, parameters)
        now = services.clock()
        step = _missing(services, request, session, now)
        if step and "none" in request.prompt:
            raise AnswerError(SILENT.get(step, "login_required"))
        if step is None:
            assert session
            return _code(services, request, session, now)
    except AnswerError as error:
        return refused(services, parameters, error)
    return _ask(request, step, waiting_requests.wait(services, network, parameters, browser).id)


def push(services: Services, lists: Mapping[str, list[str]], network: str) -> dict[str, str]:
    """An application's form as a link. Raises PageError.

    A browser brings no cookie (SameSite=Lax) with a form of another site, but it does with a link; and what was sent as
    a form stays out of addresses.
    """
    parameters = asked.single(lists)
    client = parameters.get("client_id", "")
    if waiting_requests.is_pushed(parameters):
        return {"client_id": client, "request_uri": parameters["request_uri"]}
    asked.destination(services, parameters)
    return {"client_id": client, "request_uri": waiting_requests.push(services, network, parameters)}


def _ask(request: AuthorizationRequest, step: str, request_id: str) -> Ask:
    step = request.screen if step == "sign_in" else step
    parameters = request.parameters
    return Ask(step, request_id, parameters.get("ui_locales", ""), parameters.get("login_hint", ""), request.framed)


def _missing(services: Services, request: AuthorizationRequest, session: Session | None, asked_at: float) -> str | None:
    """The step that the person has yet to do. Raises AnswerError where no step would help."""
    if session is None or assurance.is_too_old(request, session, asked_at):
        return "sign_in"
    shown = assurance.counted(request, session, asked_at)
    if not ways_in.has_come(shown, frozenset(request.client.settings.methods)):
        return "sign_in"
    if session.pending:
        return "complete"
    with services.database.read() as connection:
        known_as = consents.subject(connection, request.client.id, session.owner_id) or session.owner_id
        allowed = consents.scopes(connection, session.owner_id, request.client.id)
    if request.hint not in ("", known_as, session.owner_id):
        return "sign_in"
    if assurance.missing(services, request, session, shown):
        return "sign_in"
    if step := organization.missing(services, request, session, shown):
        return step
    if "consent" in request.prompt or (request.client.settings.consent and not request.consented <= allowed):
        if request.framed:  # whoever shows the frame could cover it
            raise AnswerError("consent_required")
        return "consent"
    return "consent" if request.impersonable and assurance.auth_time(session) <= asked_at else None


def waiting(services: Services, request_id: str, browser: str, session: Session | None) -> Waiting | None:
    """The browser's request of this id, if it still waits."""
    found = _find(services, request_id, browser)
    if found is None:
        return None
    row, request = found
    again = session is not None and _needs_sign_in(services, request, session, row.created_at)
    return Waiting(
        id=row.id,
        client=request.client,
        organization=organization.named(services, request),
        policy=assurance.policy(request),
        scope=request.scope,
        again=again,
        hint=request.parameters.get("login_hint", ""),
        origin=request.origin,
        framed=request.framed,
        by_message=request.by_message,
    )


def _needs_sign_in(services: Services, request: AuthorizationRequest, session: Session, asked_at: float) -> bool:
    try:
        return _missing(services, request, session, asked_at) == "sign_in"
    except AnswerError:
        return False


def _find(services: Services, request_id: str, browser: str) -> tuple[WaitingRequest, AuthorizationRequest] | None:
    if not is_id(request_id) or not browser:
        return None
    with services.database.read() as connection:
        row = authorization_requests.find(connection, request_id, hash_token(browser), services.clock())
    if row is None:
        return None
    try:  # the client may have changed meanwhile
        return row, asked.read(services, asked.destination(services, row.parameters), row.parameters)
    except (AnswerError, PageError):
        return None


def ended(services: Services, request_id: str, browser: str) -> Client | None:
    """Whose request it was, where it waits no more: it was answered, or took too long."""
    if not is_id(request_id) or not browser:
        return None
    with services.database.read() as connection:
        client_id = authorization_requests.client_of(connection, request_id, hash_token(browser))
        return clients.find(connection, client_id) if client_id else None


def resume(services: Services, request_id: str, browser: str, session: Session | None) -> Answer | Ask:
    """Raises PageError."""
    row, request = _taken(_find(services, request_id, browser))
    try:
        step = _missing(services, request, session, row.created_at)
    except AnswerError as error:
        return refused(services, request.parameters, error)
    return _ask(request, step, row.id) if step else _finish(services, row, request, session)


def consent(services: Services, request_id: str, browser: str, session: Session | None) -> Answer | Ask:
    """Raises PageError. Remembered where nothing but consent was missing."""
    row, request = _taken(_find(services, request_id, browser))
    try:
        step = _missing(services, request, session, row.created_at)
    except AnswerError as error:
        return refused(services, request.parameters, error)
    if session is None or step not in ("consent", None):
        return _ask(request, step or "sign_in", row.id)
    with services.database.write() as connection:
        scope = set(request.consented)
        consents.give(connection, session.owner_id, request.client.id, scope, services.clock())
    return _finish(services, row, request, session)


def choose_organization(
    services: Services, request_id: str, browser: str, session: Session | None, organization_id: str
) -> Answer | Ask:
    """The person says for which one; ``organization.WITHOUT`` for none. Raises PageError."""
    row, _request = _taken(_find(services, request_id, browser))
    parameters = row.parameters | {asked.CHOSEN: organization_id}
    with services.database.write() as connection:
        authorization_requests.replace_parameters(connection, row.id, row.browser, parameters)
    return resume(services, request_id, browser, session)


def refuse(services: Services, request_id: str, browser: str) -> Answer:
    """Back to the application without a code. Raises PageError."""
    row, request = _taken(_find(services, request_id, browser))
    _use(services, row)
    if request.device:
        with services.database.write() as connection:
            device_codes.decide(connection, request.device, "denied", None, services.clock())
        return Answer("")
    return refused(services, request.parameters, AnswerError("access_denied"))


def _taken(
    found: tuple[WaitingRequest, AuthorizationRequest] | None,
) -> tuple[WaitingRequest, AuthorizationRequest]:
    if found is None:
        raise PageError("over")
    return found


def _finish(services: Services, row: WaitingRequest, request: AuthorizationRequest, session: Session | None) -> Answer:
    assert session, "a step would be missing"
    _use(services, row)
    if request.device:
        _allow_device(services, request, session, row.created_at)
        return Answer("")
    return _code(services, request, session, row.created_at)


def _allow_device(services: Services, request: AuthorizationRequest, session: Session, asked_at: float) -> None:
    now, chosen = services.clock(), organization.chosen(services, request, session)
    facts = _facts(request, session, asked_at)
    with services.database.write() as connection:
        grant = new_grant(connection, request.client, session, request.scope, now, facts, chosen)
        if not device_codes.decide(connection, request.device, "allowed", grant.id, now):
            raise PageError("over")


def _use(services: Services, row: WaitingRequest) -> None:
    with services.database.write() as connection:
        if not authorization_requests.use(connection, row.id, row.browser, services.clock()):
            raise PageError("over")


def _code(services: Services, request: AuthorizationRequest, session: Session, asked_at: float) -> Answer:
    """With a fresh code."""
    code, now, chosen = new_token(), services.clock(), organization.chosen(services, request, session)
    facts = _facts(request, session, asked_at)
    with services.database.write() as connection:
        grant = new_grant(connection, request.client, session, request.scope, now, facts, chosen)
        challenge = request.parameters.get("code_challenge", "")
        kept = Code(hash_token(code), grant.id, request.redirect_uri, challenge, now + CODE_SECONDS)
        grants.add_code(connection, kept)
    return answer(services, request.parameters, {"code": code})


def _facts(request: AuthorizationRequest, session: Session, asked_at: float) -> dict[str, Any]:
    wanted = {place: names for place, names in request.claims.items() if place != "acr"}
    may_change = TO_CHANGE in request.consented
    facts = {"nonce": request.parameters.get("nonce", ""), "claims": wanted, "account_api": may_change}
    return facts | assurance.told(request, session, asked_at)
