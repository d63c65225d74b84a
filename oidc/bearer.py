"""The bearer token of a call to one of our own APIs, read and meant for that API. RFC 6750, RFC 9068."""

from __future__ import annotations

from flows.services import Services
from oidc import tokens
from oidc.frame import issuer
from oidc.tokens import ACCOUNT_API, MANAGE_API, Access
from rules.signing import BadTokenError

__all__ = ["ACCOUNT_API", "MANAGE_API", "Access", "access", "scopes"]


def access(services: Services, header: str, api: str) -> Access | None:
    """What the token in an Authorization header opens; None where it is not good, or not for this API.

    The Account API is for a person's grant, the Management API for a machine's own.
    """
    scheme, _space, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    try:
        found = tokens.read_access(services, token.strip())
    except BadTokenError:
        return None
    named = found.claims["aud"]
    for_it = issuer(services) + api in ([named] if isinstance(named, str) else named)
    return found if for_it and (found.grant is not None) == (api == ACCOUNT_API) and scopes(found) else None


def scopes(found: Access) -> frozenset[str]:
    """What the token opens today: no more than its application may by now, whatever it might when it was issued."""
    told, settings = frozenset(str(found.claims["scope"]).split()), found.client.settings
    if found.grant is None:
        return told & frozenset(settings.manage)
    return told if settings.account_api else frozenset()
