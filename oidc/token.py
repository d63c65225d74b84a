"""/oauth/token: codes, refresh tokens, machines and devices get their tokens here.

RFC 6749, 7636, 8628, 9700. Authlib reads the request, proves the client and words the errors; what is good once is
spent in one statement each (storage/grants.py).
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, BaseGrant, ClientCredentialsGrant, TokenEndpointMixin
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Response

from oidc import tokens
from oidc.frame import bp
from oidc.server import ANY_CLIENT, CONFIDENTIAL, FormRequest, OAuthClient, endpoint, server
from rules.tokens import hash_token, token_after
from settings.keys import Use
from storage import grants
from storage.clients import Client
from storage.grants import Code, Grant

GRACE = 10  # seconds in which a refresh token works once more, for an answer that was lost on its way


@bp.route("/oauth/token", methods=["POST", "OPTIONS"])
@endpoint
def token(form: FormRequest) -> Response:
    response: Response = server().create_token_response(form)
    return response


class RedeemedCode:
    """A code as Authlib asks about it."""

    def __init__(self, code: Code, grant: Grant) -> None:
        self.grant = grant
        self.redirect_uri = code.redirect_uri
        self.code_challenge = code.code_challenge
        self.code_challenge_method = "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri


class Verifier(CodeChallenge):
    """PKCE with S256 alone. Whether a challenge was needed, the authorization endpoint has seen to."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)
    DEFAULT_CODE_CHALLENGE_METHOD = "S256"


def live_grant(grant_id: str | None) -> Grant:
    services = server().services
    with services.database.read() as connection:
        grant = grants.live(connection, grant_id, services.clock()) if grant_id else None
    if grant is None:
        raise InvalidGrantError("It is over.")
    return grant


class CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ANY_CLIENT

    def query_authorization_code(self, code: str, client: OAuthClient) -> RedeemedCode | None:
        """Spends the code at once: whatever is wrong with the rest of the request, it is used up."""
        services = server().services
        with services.database.write() as connection:
            redeemed = grants.redeem(connection, hash_token(code), client.client_id, services.clock())
            # Together: whoever comes with the same code a moment later ends the grant, and finds us done.
            grant = grants.live(connection, redeemed.grant_id, services.clock()) if redeemed else None
        return RedeemedCode(redeemed, grant) if redeemed and grant else None

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        grant: Grant = self.request.authorization_code.grant
        client = self.request.client.client
        answer = tokens.issue(server().services, client, grant, grant.scopes, nonce=True)
        return 200, answer, self.TOKEN_RESPONSE_HEADER


class RefreshGrant(BaseGrant, TokenEndpointMixin):
    """Each refresh token is good once; one that comes back later ends its whole family (RFC 9700, 4.14.2).

    For an answer that was lost, the token before works once more for a moment. Both answers hold the same next token:
    were they two, a thief and the application could each go on with their own, and nobody would ever notice.
    """

    GRANT_TYPE = "refresh_token"
    TOKEN_ENDPOINT_AUTH_METHODS = ANY_CLIENT

    def validate_token_request(self) -> None:
        self.request.client = self.authenticate_token_endpoint_client()
        client = self.request.client.client
        if not self.request.client.check_grant_type(self.GRANT_TYPE) or not client.settings.offline:
            raise UnauthorizedClientError
        typed = self.request.form.get("refresh_token")
        if not typed:
            raise InvalidRequestError("Missing 'refresh_token' in request.")
        self.grant, self.scope, self.next_token = self._turn(client, typed)

    def _turn(self, client: Client, typed: str) -> tuple[Grant, list[str], str]:
        """In one transaction: where no answer comes of it, nothing is spent."""
        services = server().services
        now, next_token = services.clock(), token_after(services.keys.all(Use.REFRESHING)[0], typed)
        with services.database.write() as connection:
            turned = grants.rotate(connection, hash_token(typed), hash_token(next_token), client.id, now, GRACE)
            grant = grants.live(connection, turned, now) if turned else None
            if grant:
                scope = (self.request.payload.scope or grant.scope).split()
                if not set(scope) <= set(grant.scopes):
                    raise InvalidScopeError
                grants.add_refresh(
                    connection, hash_token(next_token), grant.id, tokens.refresh_ends(client, grant, now)
                )
        if grant is None:
            raise InvalidGrantError("It is over.")
        return grant, scope, next_token

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        client = self.request.client.client
        answer = tokens.issue(server().services, client, self.grant, self.scope, refresh=self.next_token)
        return 200, answer, self.TOKEN_RESPONSE_HEADER


class MachineGrant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        client = self.request.client.client
        allowed = (*client.settings.scopes, *client.settings.manage)
        scope = (self.request.payload.scope or " ".join(allowed)).split()
        if not set(scope) <= set(allowed):
            raise InvalidScopeError
        answer = tokens.issue_to_machine(server().services, client, scope)
        return 200, answer, self.TOKEN_RESPONSE_HEADER


GRANTS = [(CodeGrant, [Verifier(required=False)]), (RefreshGrant, []), (MachineGrant, [])]
