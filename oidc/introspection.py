"""/oauth/introspect: whether a token is still good, for the application's own API. RFC 7662."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response, jsonify

from flows.services import Services
from oidc import organization, tokens
from oidc.frame import bp, issuer
from oidc.server import CONFIDENTIAL, FormRequest, endpoint, server
from rules.signing import BadTokenError
from rules.tokens import hash_token
from storage import grants
from storage.clients import Client

INACTIVE = {"active": False}


@bp.route("/oauth/introspect", methods=["POST", "OPTIONS"])
@endpoint
def introspect(form: FormRequest) -> Response:
    """Public clients cannot ask: anybody could be one. A client hears of its own tokens, and of those for its API."""
    client = server().authenticate_client(form, CONFIDENTIAL, "introspection").client
    token = form.form.get("token")
    if not token:
        raise InvalidRequestError("Missing 'token' in request.")
    return jsonify(_of_access(server().services, client, token) or _of_refresh(server().services, client, token))


def _of_access(services: Services, client: Client, token: str) -> dict[str, Any] | None:
    try:
        access = tokens.read_access(services, token)
    except BadTokenError:
        return None
    audience = access.claims["aud"]
    for_it = client.settings.audience and client.settings.audience in (
        [audience] if isinstance(audience, str) else audience
    )
    if access.client.id != client.id and not for_it:
        return INACTIVE
    return {"active": True, "token_type": "Bearer"} | access.claims | organization.claims_of(services, access.grant)


def _of_refresh(services: Services, client: Client, token: str) -> dict[str, Any]:
    now = services.clock()
    with services.database.read() as connection:
        found = grants.of_refresh(connection, hash_token(token), client.id, now)
        grant = grants.live(connection, found[0], now) if found else None
    if found is None or grant is None:
        return INACTIVE
    told = {"iss": issuer(services), "sub": grant.subject, "client_id": client.id, "scope": grant.scope}
    return {"active": True, "exp": int(found[1])} | told | organization.claims_of(services, grant)
