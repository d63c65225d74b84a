"""Devices without a browser (RFC 8628).

1. authorize     the device asks for a code to show                 /oauth/device
2. enter         its person types that code in a browser            -> a waiting authorization request, for consent
3. DeviceGrant   the device asks whether it may                     /oauth/token
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import (
    AccessDeniedError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin
from authlib.oauth2.rfc8628 import AuthorizationPendingError, ExpiredTokenError, SlowDownError
from authlib.oauth2.rfc8628.endpoint import create_string_user_code
from flask import Response, jsonify

from flows.services import Services, Visitor
from oidc import tokens, waiting_requests
from oidc.authorization_request import DEVICE, PageError
from oidc.frame import DEVICE_GRANT, bp, issuer
from oidc.server import ANY_CLIENT, FormRequest, endpoint, network_of, server
from oidc.token import live_grant
from rules.tokens import hash_token, new_id, new_token
from storage import authorization_requests, counters, device_codes
from storage.authorization_requests import WaitingRequest
from storage.clients import Client
from storage.counters import Raise
from storage.device_codes import DeviceCode

SECONDS = 600
INTERVAL = 5  # seconds between two questions of a device
TRIES_HOUR = 20  # typed codes an address and hour


@bp.route("/oauth/device", methods=["POST", "OPTIONS"])
@endpoint
def authorize(form: FormRequest) -> Response:
    found = server().authenticate_client(form, ANY_CLIENT, "device_authorization")
    if not found.check_grant_type(DEVICE_GRANT):
        raise UnauthorizedClientError
    client, scope = found.client, form.form.get("scope", "").split()
    if not set(scope) <= client.settings.scopes_for_people():
        raise InvalidScopeError
    services, device_code = server().services, new_token()
    try:
        user_code = _keep(services, client, device_code, " ".join(scope))
    except PageError as error:
        raise InvalidRequestError(f"Refused: {error.reason}.") from error
    page = f"{issuer(services)}/device"
    return jsonify(
        {
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={user_code}",
            "expires_in": SECONDS,
            "interval": INTERVAL,
        }
    )


def _keep(services: Services, client: Client, device_code: str, scope: str) -> str:
    now = services.clock()
    with services.database.write() as connection:
        waiting_requests.count(services, connection, network_of(client))
        while True:  # two devices with one user code: one in 25 billion
            user_code = str(create_string_user_code())
            code = DeviceCode(hash_token(device_code), user_code, client.id, scope, now, now + SECONDS, 0.0, INTERVAL)
            if device_codes.add(connection, code):
                return user_code


def enter(services: Services, visitor: Visitor, browser: str, typed: str) -> str | None:
    """The id of a request that waits for the person's consent, or None where no device shows this code.

    Raises PageError after too many tries: a code is short.
    """
    now, letters = services.clock(), "".join(c for c in typed.upper() if c.isascii() and c.isalpha())[:16]
    counted = Raise(f"device:{visitor.network}", 3600)
    with services.database.write() as connection:
        reading = counters.raise_all(connection, [counted], now)[counted.key]
    if reading.current + reading.previous > TRIES_HOUR:
        raise PageError("too_many_codes")
    with services.database.write() as connection:
        code = device_codes.by_user_code(connection, f"{letters[:4]}-{letters[4:]}", now)
        if code is None:
            return None
        parameters = {"client_id": code.client_id, "scope": code.scope, DEVICE: code.hash}
        ends = min(code.expires_at, now + waiting_requests.SECONDS)
        request = WaitingRequest(new_id(), code.client_id, hash_token(browser), parameters, now, ends)
        authorization_requests.add(connection, request)
    return request.id


class DeviceGrant(BaseGrant, TokenEndpointMixin):
    GRANT_TYPE = DEVICE_GRANT
    TOKEN_ENDPOINT_AUTH_METHODS = ANY_CLIENT

    def validate_token_request(self) -> None:
        self.request.client = self.authenticate_token_endpoint_client()
        if not self.request.client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError
        typed = self.request.form.get("device_code")
        if not typed:
            raise InvalidRequestError("Missing 'device_code' in request.")
        self.request.credential = self._allowed(hash_token(typed))

    def _allowed(self, code_hash: str) -> DeviceCode:
        services = server().services
        now = services.clock()
        with services.database.write() as connection:
            code = device_codes.by_hash(connection, code_hash)
            if code is None or code.client_id != self.request.client.client_id or code.state == "used":
                raise InvalidGrantError
            patient = code.state != "waiting" or device_codes.poll(connection, code_hash, now)
            used = code.state == "allowed" and device_codes.use(connection, code_hash, now)
        if code.expires_at <= now:
            raise ExpiredTokenError
        if code.state == "denied":
            raise AccessDeniedError
        if not patient:
            raise SlowDownError
        if not used:
            raise AuthorizationPendingError
        return code

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        grant = live_grant(self.request.credential.grant_id)
        answer = tokens.issue(server().services, self.request.client.client, grant, grant.scopes)
        return 200, answer, self.TOKEN_RESPONSE_HEADER
