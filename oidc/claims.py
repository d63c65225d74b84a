"""What applications are told of a person: the claims of each scope, and those asked for by name.

OpenID Connect Core 1.0, sections 5.1, 5.4 and 5.5. The subject is a random name, never a number or an address.
"""

from __future__ import annotations

from typing import Any

from flows.services import Services
from storage import accounts
from storage.accounts import EMAIL, PHONE, USERNAME
from storage.grants import Grant

OF_SCOPE = {
    "profile": ("preferred_username", "locale"),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
}
CLAIMS = (
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "sid",
    *(claim for claims in OF_SCOPE.values() for claim in claims),
)


def of_person(services: Services, grant: Grant, place: str, scope: str) -> dict[str, Any]:
    """The claims for ``place``: userinfo gets those of the scopes, id_token only those asked for by name.

    ``scope``: of the token, which may be less than the grant's.
    """
    wanted = set(grant.facts.get("claims", {}).get(place, ()))
    # A claim by name needs its scope too: a person's consent is to scopes.
    granted = {claim for name in scope.split() for claim in OF_SCOPE.get(name, ())}
    wanted = granted if place == "userinfo" else wanted & granted
    if not wanted:
        return {}
    return {name: value for name, value in _known(services, grant.account_id).items() if name in wanted}


def _known(services: Services, account_id: str) -> dict[str, Any]:
    """Of several numbers or addresses the main one. Only what is verified is kept at all."""
    with services.database.read() as connection:
        identifiers = accounts.identifiers(connection, account_id)
        entrant = accounts.by_id(connection, account_id)
    first: dict[str, str] = {}
    for each in identifiers:
        if each.kind == USERNAME or each.verified_at:
            first.setdefault(each.kind, each.value)
    claims: dict[str, Any] = {"locale": entrant.locale.replace("_", "-")} if entrant else {}
    if USERNAME in first:
        claims["preferred_username"] = first[USERNAME]
    if EMAIL in first:
        claims |= {"email": first[EMAIL], "email_verified": True}
    if PHONE in first:
        claims |= {"phone_number": first[PHONE], "phone_number_verified": True}
    return claims
