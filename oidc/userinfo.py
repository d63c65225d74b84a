"""/oauth/userinfo: what an access token lets its holder know of the person. OpenID Connect Core 1.0, 5.3; RFC 6750."""

from __future__ import annotations

from flask import Response, current_app, jsonify, request

from flows.services import Services
from oidc import claims, organization, tokens
from oidc.frame import allow_origins, bp, issuer
from oidc.tokens import Access
from rules.signing import BadTokenError


@bp.route("/oauth/userinfo", methods=["GET", "POST", "OPTIONS"])
def userinfo() -> Response:
    if request.method == "OPTIONS":
        return allow_origins(Response(status=204))
    return allow_origins(_answer(current_app.extensions["doorcode"]))


def _answer(services: Services) -> Response:
    given = _tokens()
    if len(given) != 1:
        return _refused("invalid_request" if given else "", 400 if given else 401)
    try:
        access = tokens.read_access(services, given[0])
    except BadTokenError:
        return _refused("invalid_token", 401)
    if access.grant is None or not _is_for_us(services, access):
        return _refused("invalid_token", 401)
    if "openid" not in str(access.claims["scope"]).split():
        return _refused("insufficient_scope", 403)
    told = claims.of_person(services, access.grant, "userinfo", str(access.claims["scope"]))
    return jsonify(told | organization.claims_of(services, access.grant) | {"sub": access.grant.subject})


def _tokens() -> list[str]:
    """In the header or in the body, never in the address."""
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    return [*([value] if scheme.lower() == "bearer" else []), *request.form.getlist("access_token")]


def _is_for_us(services: Services, access: Access) -> bool:
    audience = access.claims["aud"]
    return issuer(services) in ([audience] if isinstance(audience, str) else audience)


def _refused(error: str, status: int) -> Response:
    """Without a token no error is named (RFC 6750, 3.1)."""
    response = jsonify({"error": error} if error else {})
    response.status_code = status
    response.headers["WWW-Authenticate"] = "Bearer" + (f' error="{error}"' if error else "")
    return response
