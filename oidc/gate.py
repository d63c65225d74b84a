"""The gate before an application that knows nothing of us: its reverse proxy asks here who may pass (forward auth).

  1. check     whose is the pass in this browser's cookie?        -> identity, or None: to step 2
  2. leave     to the authorization endpoint, as any application sends people there, with PKCE
  3. enter     the code that came back becomes a pass for this one address

We are the application and the provider at once. The pass is a cookie of the protected address alone; it ends with the
session that it came from, and an address that no application lists is never led to.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flows.services import Services
from oidc import claims
from oidc.frame import issuer
from rules import redirects
from rules.tokens import hash_token, new_token
from settings.clients import GATE
from storage import clients, gate_passes, grants
from storage.clients import Client
from storage.grants import Grant

SCOPE = "openid profile email phone"
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
# The header of each claim; what a header cannot hold is left out.
HEADERS = {
    "sub": "X-Forwarded-User",
    "preferred_username": "X-Forwarded-Preferred-Username",
    "email": "X-Forwarded-Email",
    "phone_number": "X-Forwarded-Phone",
}


@dataclass(frozen=True)
class Gate:
    """An address that a proxy protects, with the application that lists it."""

    origin: str
    client: Client

    @property
    def callback(self) -> str:
        return f"{self.origin}{GATE}/callback"


def find(services: Services, origin: str) -> Gate | None:
    if redirects.problem_of_origin(origin):
        return None
    with services.database.read() as connection:
        client = clients.protecting(connection, origin)
    return Gate(origin, client) if client else None


def check(services: Services, origin: str, token: str) -> dict[str, str] | None:
    """The identity headers of whoever has this pass; None where it is none, or none any more."""
    grant = _grant(services, origin, token)
    if grant is None:
        return None
    told = claims.of_person(services, grant, "userinfo", grant.scope) | {"sub": grant.subject}
    return {header: told[name] for name, header in HEADERS.items() if _fits(told.get(name))}


def _fits(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _grant(services: Services, origin: str, token: str) -> Grant | None:
    if not TOKEN.fullmatch(token):
        return None
    with services.database.read() as connection:
        grant_id = gate_passes.grant_of(connection, hash_token(token), origin)
        return grants.live(connection, grant_id, services.clock()) if grant_id else None


def new_verifier(kept: str) -> str:
    """Of this browser, at this address: the one that it has, so that two tabs do not undo each other."""
    return kept if TOKEN.fullmatch(kept) else new_token()


def leave(services: Services, gate: Gate, verifier: str, path: str) -> str:
    """The authorization request that leads back to ``path`` of the same address."""
    asked = {
        "client_id": gate.client.id,
        "redirect_uri": gate.callback,
        "response_type": "code",
        "scope": SCOPE,
        "state": path_of(path),
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    return f"{issuer(services)}/oauth/authorize?{urlencode(asked)}"


def path_of(typed: str) -> str:
    """A path of one's own site, whatever was typed: it comes behind scheme and host, and begins with one slash."""
    fits = re.fullmatch(r"/[\x21-\x7e]{0,2000}", typed, re.ASCII) and not typed.startswith(("//", "/\\", GATE + "/"))
    return typed if fits else "/"


def enter(services: Services, gate: Gate, code: str, verifier: str) -> tuple[str, float] | None:
    """A new pass and when it ends, for a code that this browser asked for itself; None for any other."""
    now, token = services.clock(), new_token()
    with services.database.write() as connection:
        redeemed = grants.redeem(connection, hash_token(code), gate.client.id, now)
        grant = grants.live(connection, redeemed.grant_id, now) if redeemed else None
        if redeemed is None or grant is None or redeemed.redirect_uri != gate.callback:
            return None
        if not hmac.compare_digest(redeemed.code_challenge, _challenge(verifier)):
            return None
        gate_passes.add(connection, hash_token(token), grant.id, gate.origin, now)
    return token, grant.expires_at


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def failure_url(services: Services, gate: Gate) -> str:
    return f"{issuer(services)}/openid/not-signed-in?{urlencode({'client_id': gate.client.id})}"


def sign_out_url(services: Services, gate: Gate) -> str:
    """The page that asks whether to sign out: with the session every pass ends."""
    return f"{issuer(services)}/oauth/logout?{urlencode({'client_id': gate.client.id})}"
