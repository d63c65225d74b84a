"""/oauth/par: an application pushes its authorization request ahead, so that nobody can change or read it. RFC 9126."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from flask import Response, jsonify

from oidc import authorization_request as asked
from oidc import waiting_requests
from oidc.authorization_request import AnswerError, PageError
from oidc.frame import bp
from oidc.server import ANY_CLIENT, FormRequest, endpoint, network_of, server

PROOFS = ("client_secret", "client_assertion", "client_assertion_type")


@bp.route("/oauth/par", methods=["POST", "OPTIONS"])
@endpoint
def push(form: FormRequest) -> Response:
    client = server().authenticate_client(form, ANY_CLIENT, "par").client
    sent = {name: value for name, value in form.form.items() if name not in PROOFS}
    if sent.setdefault("client_id", client.id) != client.id:
        raise InvalidRequestError("client_id is of another client.")
    services = server().services
    try:
        parameters = asked.single({name: [value] for name, value in sent.items()})
        asked.read(services, asked.destination(services, parameters), parameters)
        request_uri = waiting_requests.push(services, network_of(client), parameters)
    except PageError as error:
        raise InvalidRequestError(f"Refused: {error.reason}.") from error
    except AnswerError as error:
        raise OAuth2Error(error.description, error=error.error, status_code=400) from error
    response = jsonify({"request_uri": request_uri, "expires_in": waiting_requests.PUSHED_SECONDS})
    response.status_code = 201
    return response
