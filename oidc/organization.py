"""Signing in for an organisation: which one, what it asks for, and what applications are told of it.

missing       what the person has yet to do before a grant for it            -> step | None, or AnswerError
chosen        the organisation that the grant is for
claims_of     as its person's roles are now, and not as they were when the token was made
narrowed      the settings under which the pages of a request for it work
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flows.services import Services
from oidc import assurance
from oidc.authorization_request import CHOSEN, AnswerError, AuthorizationRequest
from oidc.frame import TWO_PROOFS, acr_of
from rules import ways_in
from rules.proofs import Proof
from rules.tokens import is_id
from settings.console import Settings
from settings.sections import OFF, REQUIRED
from storage import organizations
from storage.clients import Client
from storage.grants import Grant
from storage.organizations import Member, Organization
from storage.sessions import Session

PARAMETER = "organization_id"
WITHOUT = "none"  # what the parameter says of who signs in for no organisation
CLAIMS = ("organization_id", "organization_roles", "permissions")


def missing(
    services: Services, request: AuthorizationRequest, session: Session, shown: tuple[Proof, ...]
) -> str | None:
    """Whether there is no such organisation, or the person is no member, is told in one way.

    ``shown``: what counts of what the person has shown.
    """
    wish = _wish(request)
    if wish == WITHOUT and request.client.settings.organizations == REQUIRED:
        raise AnswerError("invalid_request", "This client needs an organization.")
    found = _member(services, request, session)
    if found is not None:
        return "sign_in" if _asks_for_more(found.organization, shown) else None
    if wish not in ("", WITHOUT):
        raise AnswerError("access_denied", "The person is no member of this organization.")
    if wish or request.client.settings.organizations == OFF:
        return None
    if of_session(services, session):
        return "organization"
    if request.client.settings.organizations == REQUIRED:
        raise AnswerError("access_denied", "The person is a member of no organization.")
    return None


def _wish(request: AuthorizationRequest) -> str:
    """What the application names is not for the person to change."""
    return request.parameters.get(PARAMETER) or request.parameters.get(CHOSEN, "")


def _asks_for_more(organization: Organization, shown: tuple[Proof, ...]) -> bool:
    settings = organization.settings
    if settings.second_factor and acr_of(shown) != TWO_PROOFS:
        return True
    return not ways_in.has_come(shown, frozenset(settings.methods))


def _member(services: Services, request: AuthorizationRequest, session: Session) -> Member | None:
    """Of the organisation that was named; of the only one, where one has to be chosen."""
    wish = _wish(request)
    if is_id(wish):
        with services.database.read() as connection:
            return organizations.member(connection, wish, session.owner_id)
    if wish or request.client.settings.organizations != REQUIRED:
        return None
    own = of_session(services, session)
    return own[0] if len(own) == 1 else None


def of_session(services: Services, session: Session) -> list[Member]:
    with services.database.read() as connection:
        return organizations.of_account(connection, session.owner_id)


def chosen(services: Services, request: AuthorizationRequest, session: Session) -> str | None:
    found = _member(services, request, session)
    return found.organization.id if found else None


def named(services: Services, request: AuthorizationRequest) -> Organization | None:
    """The organisation that the request names, whoever is there."""
    wish = _wish(request)
    if not is_id(wish):
        return None
    with services.database.read() as connection:
        return organizations.find(connection, wish)


def claims_of(services: Services, grant: Grant | None) -> dict[str, Any]:
    if grant is None or grant.organization_id is None:
        return {}
    with services.database.read() as connection:
        found = organizations.member(connection, grant.organization_id, grant.account_id)
    roles, permissions = (found.roles, found.permissions) if found else ((), ())
    told = (grant.organization_id, list(roles), list(permissions))
    return dict(zip(CLAIMS, told, strict=True))


def narrowed(services: Services, client: Client, organization: Organization | None, policy: str) -> Services:
    """The ways in that both allow; and where the organisation wants a second factor, it is due from everybody.

    ``policy``: of second factors, that the application's request wants.
    """
    ways = frozenset(client.settings.methods)
    if organization:
        ways = ways_in.allowed_by_both(ways, frozenset(organization.settings.methods))
        policy = REQUIRED if organization.settings.second_factor else policy
    if not policy:
        return replace(services, ways=ways)
    current = services.settings

    def stricter() -> Settings:
        return assurance.stricter(current(), policy)

    return replace(services, ways=ways, settings=stricter)  # type: ignore[arg-type]  # all that flows do is to call it
