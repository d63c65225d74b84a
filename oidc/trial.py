"""The whole dance, tried from the console: the admin signs in as a person, and sees what the application would get.

  1. begin     an authorization request of the application's, whose answer comes to the console   -> its address
  2. finish    the code that came: its tokens, decoded; they end in the same breath

Nothing is kept between the two: the verifier (PKCE) is derived from the trial's id, which is its ``state``.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flows.services import Services
from oidc import claims, tokens, waiting_requests
from oidc.authorization_request import TRIAL, TRIAL_PATH
from oidc.frame import issuer
from rules.tokens import hash_token, is_id, new_id
from settings.clients import ClientKind
from settings.keys import Use
from storage import clients, grants
from storage.clients import Client
from storage.grants import Grant


@dataclass(frozen=True)
class Tried:
    """``decoded``: by the name of each token its header and its claims."""

    answer: dict[str, Any]
    decoded: dict[str, Any]
    userinfo: dict[str, Any]


def can_begin(client: Client) -> bool:
    return client.kind in (ClientKind.WEB, ClientKind.SPA, ClientKind.NATIVE)


def begin(services: Services, client: Client) -> str:
    """The address to send the admin's browser to."""
    trial_id = new_id()
    asked = {
        TRIAL: "yes",
        "client_id": client.id,
        "redirect_uri": issuer(services) + TRIAL_PATH,
        "response_type": "code",
        "scope": "openid profile email phone",
        "state": f"{client.id}.{trial_id}",
        "nonce": trial_id,
        "code_challenge": _challenge(services, trial_id),
        "code_challenge_method": "S256",
    }
    request_uri = waiting_requests.push(services, "", asked)  # by an admin: no stranger's count
    query = urlencode({"client_id": client.id, "request_uri": request_uri})
    return f"{issuer(services)}/oauth/authorize?{query}"


def _challenge(services: Services, trial_id: str) -> str:
    verifier = hmac.digest(services.keys.all(Use.TRIALS)[0], trial_id.encode(), "sha256")
    return _spelled(sha256(_spelled(verifier).encode()).digest())


def _spelled(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def tried_client(services: Services, state: str) -> Client | None:
    client_id, _dot, trial_id = state.partition(".")
    if not is_id(client_id) or not is_id(trial_id):
        return None
    with services.database.read() as connection:
        return clients.find(connection, client_id)


def finish(services: Services, client: Client, state: str, code: str) -> Tried | None:
    """None for a code that was used, is over, or is of no trial."""
    now = services.clock()
    with services.database.write() as connection:
        redeemed = grants.redeem(connection, hash_token(code), client.id, now)
        grant = grants.live(connection, redeemed.grant_id, now) if redeemed else None
    if redeemed is None or grant is None or redeemed.redirect_uri != issuer(services) + TRIAL_PATH:
        return None
    if not hmac.compare_digest(redeemed.code_challenge, _challenge(services, state.partition(".")[2])):
        return None
    return _shown(services, client, grant)


def _shown(services: Services, client: Client, grant: Grant) -> Tried:
    answer = tokens.issue(services, client, grant, grant.scopes, nonce=True)
    person = {"sub": grant.subject} | claims.of_person(services, grant, "userinfo", grant.scope)
    with services.database.write() as connection:
        grants.end(connection, grant.id, services.clock())
    names: tuple[str, ...] = ("id_token", "access_token")
    decoded = {name: _decoded(answer[name]) for name in names if name in answer}
    return Tried(answer, decoded, person)


def _decoded(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload, _signature = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    return json.loads(header), json.loads(payload)
