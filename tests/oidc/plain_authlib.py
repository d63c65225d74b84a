"""A provider as Authlib's documentation builds one, in memory: what ours would be without what closes its gaps."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Flask

from tests.oidc.kit import CALLBACK

SECRET = "a secret + more"


class Client(ClientMixin):
    client_id = "the-shop"

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return CALLBACK

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(name for name in (scope or "").split() if name in ("openid", "phone", "offline_access"))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == CALLBACK

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return True


@dataclass
class Row:
    """A code or a token."""

    scope: str
    redirect_uri: str = ""
    code_challenge: str = ""
    code_challenge_method: str | None = None
    revoked: bool = field(default=False)

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def check_client(self, client: Client) -> bool:
        return True


def make() -> Flask:
    codes: dict[str, Row] = {}
    tokens: dict[str, Row] = {}

    class Codes(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

        def save_authorization_code(self, code: str, request: Any) -> None:
            told = request.payload.data
            challenge, method = told.get("code_challenge"), told.get("code_challenge_method")
            codes[code] = Row(request.scope, request.payload.redirect_uri, challenge, method)

        def query_authorization_code(self, code: str, client: Client) -> Row | None:
            return codes.get(code)

        def delete_authorization_code(self, authorization_code: Row) -> None:
            for code in [code for code, row in codes.items() if row is authorization_code]:
                del codes[code]

        def authenticate_user(self, authorization_code: Row) -> str:
            return "somebody"

    class Refreshing(RefreshTokenGrant):
        INCLUDE_NEW_REFRESH_TOKEN = True
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

        def authenticate_refresh_token(self, refresh_token: str) -> Row | None:
            row = tokens.get(refresh_token)
            return row if row and not row.revoked else None

        def authenticate_user(self, refresh_token: Row) -> str:
            return "somebody"

        def revoke_old_credential(self, refresh_token: Row) -> None:
            refresh_token.revoked = True

    def save_token(token: dict[str, Any], request: Any) -> None:
        if "refresh_token" in token:
            tokens[token["refresh_token"]] = Row(token.get("scope", ""))

    app = Flask("plain")
    app.config.update(SECRET_KEY=secrets.token_hex(), OAUTH2_REFRESH_TOKEN_GENERATOR=True)
    server = AuthorizationServer(app, lambda name: Client() if name == Client.client_id else None, save_token)
    server.register_grant(Codes, [CodeChallenge(required=True)])
    server.register_grant(Refreshing)

    @app.route("/oauth/authorize")
    def authorize() -> Any:
        try:
            grant = server.get_consent_grant(end_user="somebody")
        except OAuth2Error as error:
            return server.handle_error_response(None, error)
        return server.create_authorization_response(grant_user="somebody", grant=grant)

    @app.route("/oauth/token", methods=["POST"])
    def token() -> Any:
        return server.create_token_response()

    return app
