"""/oauth/revoke: an application gives a token back. RFC 7009."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response, jsonify

from oidc import keys, tokens
from oidc.frame import bp
from oidc.server import ANY_CLIENT, FormRequest, endpoint, server
from rules.signing import BadTokenError
from rules.tokens import hash_token
from storage import grants


@bp.route("/oauth/revoke", methods=["POST", "OPTIONS"])
@endpoint
def revoke(form: FormRequest) -> Response:
    """A refresh token takes its whole family with it, also one that was used; an access token only itself.

    Others' tokens are left alone.
    """
    client = server().authenticate_client(form, ANY_CLIENT, "revocation").client
    token = form.form.get("token")
    if not token:
        raise InvalidRequestError("Missing 'token' in request.")
    services = server().services
    with services.database.write() as connection:
        grant_id = grants.family(connection, hash_token(token), client.id)
        if grant_id:
            grants.end(connection, grant_id, services.clock())
    try:
        told = keys.read(services, token, keys.ACCESS_TOKEN)
    except BadTokenError:
        return jsonify({})
    if told["client_id"] == client.id:
        tokens.revoke_access(services, told)
    return jsonify({})
