"""What applications read first: /.well-known/openid-configuration, and the public keys.

OpenID Connect Discovery 1.0 and RFC 8414.
"""

from __future__ import annotations

from typing import Any

from flask import current_app

from flows.services import Services
from oidc import keys, organization
from oidc.claims import CLAIMS
from oidc.frame import ACR_VALUES, DEVICE_GRANT, Reply, bp, open_to_all
from settings.clients import SCOPES
from settings.sections import LANGUAGES

AUTHENTICATION = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
ASSERTION_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


@bp.get("/.well-known/openid-configuration")
@bp.get("/.well-known/oauth-authorization-server", endpoint="authorization_server")
@open_to_all
def configuration() -> Reply:
    return _configuration(current_app.extensions["doorcode"])


@bp.get("/.well-known/jwks.json")
@open_to_all
def jwks() -> Reply:
    return keys.public(current_app.extensions["doorcode"])


def _configuration(services: Services) -> dict[str, Any]:
    issuer = services.environment.public_url
    endpoints = {
        "authorization_endpoint": "/oauth/authorize",
        "token_endpoint": "/oauth/token",
        "userinfo_endpoint": "/oauth/userinfo",
        "jwks_uri": "/.well-known/jwks.json",
        "introspection_endpoint": "/oauth/introspect",
        "revocation_endpoint": "/oauth/revoke",
        "end_session_endpoint": "/oauth/logout",
        "pushed_authorization_request_endpoint": "/oauth/par",
        "device_authorization_endpoint": "/oauth/device",
    }
    return {name: issuer + path for name, path in endpoints.items()} | {
        "issuer": issuer,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "web_message"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", DEVICE_GRANT],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": [*AUTHENTICATION, "none"],
        "token_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": AUTHENTICATION,
        "revocation_endpoint_auth_methods_supported": [*AUTHENTICATION, "none"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": list(SCOPES),
        "claims_supported": [*CLAIMS, *organization.CLAIMS],
        "claim_types_supported": ["normal"],
        "acr_values_supported": list(ACR_VALUES),
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "ui_locales_supported": [code for code, _name in LANGUAGES],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }
