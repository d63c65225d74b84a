"""The words of OAuth 2 and OpenID Connect, as their client speaks them: what to ask, and what an answer is worth.

Code flow with PKCE (S256) only; the state, the nonce and the verifier are the caller's.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from upstream.contract import Endpoints

ALGORITHMS = ["RS256", "ES256", "PS256", "RS384", "ES384", "PS384", "RS512", "ES512", "PS512", "EdDSA"]
LEEWAY = 120  # seconds that two clocks may differ
OLDEST = 600  # seconds since an ID token was made


class UnprovedError(Exception):
    """The answer proves nothing. ``why`` is one word, for the audit log."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Asked:
    """What belongs to one visit, and to no other."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    back_to: str = ""


def discovery_url(issuer: str) -> str:
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


def read_discovery(document: Mapping[str, Any], issuer: str) -> Endpoints:
    """Raises UnprovedError: not of this issuer, or without what the code flow needs."""
    named = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if document.get("issuer") != issuer:
        raise UnprovedError("other_issuer")
    if not all(_is_url(document.get(name)) for name in named):
        raise UnprovedError("bad_discovery")
    authorize, token, keys = (str(document[name]) for name in named)
    names_itself = document.get("authorization_response_iss_parameter_supported") is True
    person = document.get("userinfo_endpoint")
    user = (str(person),) if _is_url(person) else ()
    return Endpoints(issuer, authorize, token, user, keys, names_itself)


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and urlsplit(value).scheme in ("https", "http")


def address(endpoints: Endpoints, config: Mapping[str, Any], scope: str, asked: Asked, more: Mapping[str, str]) -> str:
    """Where the browser goes to be asked who it is."""
    digest = hashlib.sha256(asked.verifier.encode()).digest()
    parameters = {
        "response_type": "code",
        "client_id": config["client_id"],
        "redirect_uri": asked.back_to,
        "state": asked.state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    parameters |= {"scope": scope} if scope else {}
    parameters |= {"nonce": asked.nonce} if endpoints.keys else {}
    separator = "&" if urlsplit(endpoints.authorize).query else "?"
    return endpoints.authorize + separator + urlencode(parameters | dict(more))


def check_answer(endpoints: Endpoints, answer: Mapping[str, str]) -> str:
    """The code of what the browser brought back. Raises UnprovedError, also where another issuer sent it (RFC 9207)."""
    named = answer.get("iss", "")
    if (named or endpoints.names_itself) and named != endpoints.issuer:
        raise UnprovedError("mix_up")
    if answer.get("error"):
        raise UnprovedError("cancelled" if answer["error"] in CANCELLED else "provider_said_no")
    if not answer.get("code"):
        raise UnprovedError("no_code")
    return answer["code"]


CANCELLED = ("access_denied", "user_cancelled_authorize", "user_cancelled_login", "interaction_required")


def code_form(config: Mapping[str, Any], secret: str, code: str, asked: Asked) -> bytes:
    """What the token endpoint is sent; the client proves itself in the body, which every provider takes."""
    return urlencode(
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked.back_to,
            "code_verifier": asked.verifier,
            "client_id": config["client_id"],
            "client_secret": secret,
        }
    ).encode()


def proved_claims(id_token: str, keys: Mapping[str, Any], client_id: str, nonce: str, now: float) -> dict[str, Any]:
    """The claims of an ID token: signed by one of the provider's keys, for us, now, for this visit; whose issuer is
    looked at by :func:`check_issuer`. Raises UnprovedError."""
    try:
        claims = jwt.decode(id_token, KeySet.import_key_set(dict(keys)), algorithms=ALGORITHMS).claims  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):  # of whatever was sent in its place
        raise UnprovedError("bad_signature") from None
    if not _is_for(claims, client_id):
        raise UnprovedError("other_audience")
    if claims.get("nonce") != nonce:
        raise UnprovedError("swapped_code")
    if _time(claims.get("exp")) < now - LEEWAY or abs(now - _time(claims.get("iat"))) > OLDEST + LEEWAY:
        raise UnprovedError("too_old")
    return claims


def _is_for(claims: Mapping[str, Any], client_id: str) -> bool:
    """Whether we are its audience; where there are several, also the one that it was made for (``azp``)."""
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) > 1:
        return client_id in audience and claims.get("azp") == client_id
    return audience in (client_id, [client_id])


def _time(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def check_issuer(claims: Mapping[str, Any], expected: str) -> None:
    if claims.get("iss") != expected:
        raise UnprovedError("other_issuer")


def knows_key(id_token: str, keys: Mapping[str, Any]) -> bool:
    """Whether the key that the token names is among these; one that names none may be signed by any."""
    try:
        header = json.loads(base64.urlsafe_b64decode(id_token.partition(".")[0] + "=="))
        named = header.get("kid")
    except (ValueError, AttributeError):
        return True
    found = keys.get("keys")
    return named is None or (
        isinstance(found, list) and any(isinstance(k, dict) and k.get("kid") == named for k in found)
    )
