"""Authlib's authorization server, over our storage. What it leaves open is closed here and in the grants."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientMixin,
    InvalidClientError,
    InvalidRequestError,
    OAuth2Error,
)
from authlib.oauth2.rfc6749.requests import OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from flask import Flask, Response, current_app, jsonify, request
from joserfc.jwk import KeySet, KeySetSerialization

from flows import clients as clients_flow
from flows.services import Services
from oidc.frame import DEVICE_GRANT, allow_origins, issuer
from rules import addresses
from rules.tokens import hash_token
from settings.clients import ClientKind
from storage import spent_tokens
from storage.clients import Client

CONFIDENTIAL = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
ANY_CLIENT = [*CONFIDENTIAL, "none"]
LONGEST_ASSERTION_LIFE = 3600  # seconds: so long is its id remembered
LEEWAY = 90  # seconds by which an application's clock may be off
GRANTS = {
    ClientKind.WEB: ("authorization_code", "refresh_token"),
    ClientKind.SPA: ("authorization_code", "refresh_token"),
    ClientKind.NATIVE: ("authorization_code", "refresh_token", DEVICE_GRANT),
    ClientKind.MACHINE: ("client_credentials",),
    ClientKind.PROXY: (),  # its codes are redeemed here: oidc/gate.py
}


class OAuthClient(ClientMixin):
    """A client as Authlib asks about it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.client_id = client.id

    def get_client_id(self) -> str:
        return self.client.id

    def check_client_secret(self, secret: str) -> bool:
        given = hash_token(secret)
        return any([hmac.compare_digest(given, kept) for kept, _born in self.client.secrets])  # noqa: C419 - all of them

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        if self.client.public or self.client.kind is ClientKind.PROXY:
            return self.client.public and method == "none"
        if self.client.settings.authentication == "private_key_jwt":
            return method == "private_key_jwt"
        return method in ("client_secret_basic", "client_secret_post")

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in GRANTS[self.client.kind]


class FormPayload(OAuth2Payload):
    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    @property
    def data(self) -> dict[str, str]:
        return self._values

    @property
    def datalist(self) -> dict[str, list[str]]:
        return {name: [value] for name, value in self._values.items()}


class FormRequest(OAuth2Request):
    """A form that was posted. What stands in the address is not read: addresses end in logs."""

    def __init__(self, values: dict[str, str]) -> None:
        # Authlib takes plain HTTP from its own machine only. Whether TLS is needed is for the environment to say.
        super().__init__(request.method, "https://checked.invalid" + request.path, headers=request.headers)
        self.payload = FormPayload(values)

    @property
    def args(self) -> dict[str, str]:
        return {}

    @property
    def form(self) -> dict[str, str]:
        return dict(self.payload.data)


class KeyAssertion(JWTBearerClientAssertion):
    """private_key_jwt (RFC 7523). An assertion is good once."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, services: Services) -> None:
        super().__init__(leeway=LEEWAY)
        self.services = services

    def get_audiences(self) -> list[str]:
        """Us, by the names that RFC 7523 and RFC 9126 (2) allow."""
        own = issuer(self.services)
        return [own, own + "/oauth/token", own + "/oauth/par"]

    def resolve_client_public_key(self, client: OAuthClient) -> KeySet:
        return KeySet.import_key_set(cast(KeySetSerialization, client.client.settings.jwks or {"keys": []}))

    def validate_jti(self, claims: dict[str, Any], jti: str) -> bool:
        soon = claims["exp"] <= self.services.clock() + LONGEST_ASSERTION_LIFE + self.leeway  # not so for NaN either
        if not soon or len(jti) > 200 or not jti.isprintable():
            return False
        with self.services.database.write() as connection:
            return spent_tokens.spend(connection, f"assertion:{claims['sub']}:{jti}", claims["exp"] + self.leeway)


class Server(AuthorizationServer):
    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.register_client_auth_method("private_key_jwt", KeyAssertion(services))

    def query_client(self, client_id: str) -> OAuthClient | None:
        client = clients_flow.find(self.services, client_id)
        return OAuthClient(client) if client else None

    def authenticate_client(self, request: OAuth2Request, methods: list[str], endpoint: str = "token") -> OAuthClient:
        """The client that proved itself. Raises InvalidClientError, also where the form names another one."""
        client: OAuthClient = super().authenticate_client(request, methods, endpoint)
        if request.form.get("client_id", client.client_id) != client.client_id:
            raise InvalidClientError(description="client_id is of another client.")
        return client

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Nothing is left to save: grants and refresh tokens are written where they are made."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        response = jsonify(body)
        response.status_code = status
        for name, value in headers:
            response.headers[name] = value
        return response


def server() -> Server:
    found: Server = current_app.extensions["doorcode_openid"]
    return found


def prepare(app: Flask, services: Services, grants: list[Any]) -> None:
    made = Server(services)
    for grant, extensions in grants:
        made.register_grant(grant, extensions)
    app.extensions["doorcode_openid"] = made


def network_of(client: Client) -> str:
    """Where a client calls from that does not have to prove who it is; empty for the others."""
    return addresses.limit_key(request.remote_addr or "") if client.public else ""


def form_request() -> FormRequest:
    """The form of this request. Raises InvalidRequestError where it could be read in two ways."""
    if request.args:
        raise InvalidRequestError("Send parameters in the body: addresses end in logs.")
    if any(len(values) > 1 for _name, values in request.form.lists()):
        raise InvalidRequestError("A parameter came twice.")
    form = request.form.to_dict()
    ways = ("Authorization" in request.headers) + ("client_secret" in form) + ("client_assertion" in form)
    if ways > 1:
        raise InvalidRequestError("The client must prove itself in one way only.")
    return FormRequest(form)


def endpoint(step: Callable[[FormRequest], Response]) -> Callable[[], Response]:
    """A JSON endpoint for programs: errors in OAuth's words, and open to scripts of any site: no cookie counts."""

    @wraps(step)
    def run() -> Response:
        if request.method == "OPTIONS":
            return allow_origins(Response(status=204))
        try:
            response = step(form_request())
        except OAuth2Error as error:
            response = server().handle_error_response(None, error)
        return allow_origins(response)

    return run
