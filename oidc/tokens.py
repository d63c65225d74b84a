"""Tokens of a grant: access tokens (RFC 9068), ID tokens, refresh tokens; and whether one is still good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from authlib.oidc.core.util import create_half_hash

from flows.services import Services
from oidc import claims, keys, organization
from oidc.frame import issuer
from rules.signing import BadTokenError
from rules.tokens import hash_token, new_id, new_token
from storage import clients, grants, spent_tokens
from storage.clients import Client
from storage.grants import Grant

DAY = 86400
OFFLINE = "offline_access"
ACCOUNT_API, MANAGE_API = "/api/account", "/api/manage"  # after the issuer, the audience of each


@dataclass(frozen=True)
class Access:
    """A good access token. ``grant`` is None for a machine's."""

    claims: dict[str, Any]
    client: Client
    grant: Grant | None


def issue(
    services: Services, client: Client, grant: Grant, scope: list[str], *, nonce: bool = False, refresh: str = ""
) -> dict[str, Any]:
    """The token endpoint's answer. ``nonce``: in the first ID token only (OpenID Connect Core, 12.2).

    ``refresh``: the next refresh token, where one was turned in.
    """
    access = _access_token(services, client, scope, grant)
    answer = {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": client.settings.access_minutes * 60,
        "scope": " ".join(scope),
    }
    if "openid" in scope:
        answer["id_token"] = _id_token(services, client, grant, access, nonce=nonce)
    if OFFLINE in grant.scopes and client.settings.offline:
        answer["refresh_token"] = refresh or _first_refresh_token(services, client, grant)
    return answer


def issue_to_machine(services: Services, client: Client, scope: list[str]) -> dict[str, Any]:
    return {
        "access_token": _access_token(services, client, scope, None),
        "token_type": "Bearer",
        "expires_in": client.settings.access_minutes * 60,
        "scope": " ".join(scope),
    }


def _access_token(services: Services, client: Client, scope: list[str], grant: Grant | None) -> str:
    now = int(services.clock())
    audience = [client.settings.audience] if client.settings.audience else []
    if "openid" in scope or not audience:
        audience.append(issuer(services))
    audience += _own_apis(services, client, scope, grant)
    facts = {name: grant.facts[name] for name in ("auth_time", "acr", "amr")} if grant else {}
    claims = (
        organization.claims_of(services, grant)
        | facts
        | {
            "iss": issuer(services),
            "sub": grant.subject if grant else client.id,
            "aud": audience[0] if len(audience) == 1 else audience,
            "client_id": client.id,
            "scope": " ".join(scope),
            "iat": now,
            "exp": now + client.settings.access_minutes * 60,
            "jti": f"{grant.id}.{new_id()}" if grant else new_id(),
        }
    )
    return keys.sign(services, claims, "ES256", keys.ACCESS_TOKEN)


def _own_apis(services: Services, client: Client, scope: list[str], grant: Grant | None) -> list[str]:
    """The audiences of this server's own APIs, where the client may use them."""
    if grant:  # one that was given before the client could change anything stays as it was
        may_change = client.settings.account_api and grant.facts.get("account_api")
        return [issuer(services) + ACCOUNT_API] if may_change else []
    return [issuer(services) + MANAGE_API] if set(scope) & set(client.settings.manage) else []


def _id_token(services: Services, client: Client, grant: Grant, access: str, *, nonce: bool) -> str:
    now, algorithm = int(services.clock()), client.settings.id_token_algorithm
    told = {name: grant.facts[name] for name in ("auth_time", "acr", "amr")} | {
        "iss": issuer(services),
        "sub": grant.subject,
        "aud": client.id,
        "iat": now,
        "exp": now + client.settings.access_minutes * 60,
        "sid": grant.session_id,
        "at_hash": create_half_hash(access, algorithm).decode(),
    }
    if nonce and grant.facts.get("nonce"):
        told["nonce"] = grant.facts["nonce"]
    told = claims.of_person(services, grant, "id_token", grant.scope) | organization.claims_of(services, grant) | told
    return keys.sign(services, told, algorithm, keys.ID_TOKEN)


def _first_refresh_token(services: Services, client: Client, grant: Grant) -> str:
    token = new_token()
    with services.database.write() as connection:
        grants.add_refresh(connection, hash_token(token), grant.id, refresh_ends(client, grant, services.clock()))
    return token


def refresh_ends(client: Client, grant: Grant, now: float) -> float:
    return min(now + client.settings.refresh_idle_days * DAY, grant.expires_at)


def read_access(services: Services, token: str) -> Access:
    """Raises BadTokenError: not ours, over, revoked, or its grant, session or client ended."""
    told = keys.read(services, token, keys.ACCESS_TOKEN)
    now, grant_id = services.clock(), str(told["jti"]).partition(".")[0]
    with services.database.read() as connection:
        client = clients.find(connection, str(told["client_id"]))
        grant = grants.live(connection, grant_id, now) if "." in told["jti"] else None
        spent = spent_tokens.is_spent(connection, f"access:{told['jti']}")
    if client is None or spent or ("." in told["jti"] and grant is None):
        raise BadTokenError
    return Access(told, client, grant)


def revoke_access(services: Services, told: dict[str, Any]) -> None:
    with services.database.write() as connection:
        spent_tokens.spend(connection, f"access:{told['jti']}", float(told["exp"]))
