"""Authorization requests that wait: for their person, or, pushed ahead, for the browser that brings them (RFC 9126).

Each is a row. Whoever does not have to prove who they are may leave only as many a minute as they may send forms.
"""

from __future__ import annotations

from flows.services import Services
from oidc.authorization_request import PageError
from rules.tokens import hash_token, is_id, new_id
from storage import authorization_requests, counters
from storage.authorization_requests import PUSHED, WaitingRequest
from storage.counters import Raise
from storage.database import Connection

SECONDS = 3600
PUSHED_SECONDS = 90
PUSHED_PREFIX = "urn:ietf:params:oauth:request_uri:"


def wait(services: Services, network: str, parameters: dict[str, str], browser: str) -> WaitingRequest:
    """For the person at this browser. Raises PageError."""
    now = services.clock()
    request = WaitingRequest(new_id(), parameters["client_id"], hash_token(browser), parameters, now, now + SECONDS)
    _add(services, network, request)
    return request


def push(services: Services, network: str, parameters: dict[str, str]) -> str:
    """The ``request_uri`` that stands for the request, once. Raises PageError."""
    now = services.clock()
    request = WaitingRequest(new_id(), parameters["client_id"], PUSHED, parameters, now, now + PUSHED_SECONDS)
    _add(services, network, request)
    return PUSHED_PREFIX + request.id


def _add(services: Services, network: str, request: WaitingRequest) -> None:
    with services.database.write() as connection:
        count(services, connection, network)
        authorization_requests.add(connection, request)


def count(services: Services, connection: Connection, network: str) -> None:
    """One row more from this network; none is named where the caller has proved who it is. Raises PageError."""
    if not network:
        return
    raised = Raise(f"openid:{network}", 60)
    reading = counters.raise_all(connection, [raised], services.clock())[raised.key]
    if reading.current + reading.previous > services.settings().limits.posts_minute:
        raise PageError("too_many")


def is_pushed(parameters: dict[str, str]) -> bool:
    return parameters.get("request_uri", "").startswith(PUSHED_PREFIX)


def take(services: Services, parameters: dict[str, str]) -> dict[str, str]:
    """What was pushed ahead; of what stands beside its name only the client counts. Raises PageError."""
    if not is_pushed(parameters):
        return parameters
    request_id, client_id = parameters["request_uri"].removeprefix(PUSHED_PREFIX), parameters.get("client_id", "")
    found = None
    if is_id(request_id) and is_id(client_id):
        with services.database.write() as connection:
            found = authorization_requests.take_pushed(connection, request_id, client_id, services.clock())
    if found is None:
        raise PageError("over")
    return found
