"""What the endpoints share: their blueprint, who may call from a browser, and OAuth's words for errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Blueprint, Response, make_response, request

from flows.services import Services
from rules.proofs import Proof

P = ParamSpec("P")
Reply = Any  # whatever Flask takes as a reply

bp = Blueprint("oidc", __name__)

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
# How sure we are: one proof, or two that are not of the same kind (a passkey counts as both).
ONE_PROOF, TWO_PROOFS = "urn:doorcode:acr:1", "urn:doorcode:acr:2"
ACR_VALUES = (ONE_PROOF, TWO_PROOFS)

# RFC 8176. A passkey proves a key and that somebody was there.
METHODS = {
    "password": ("pwd",),
    "totp": ("otp",),
    "sms": ("otp", "sms"),
    "backup_code": ("otp",),
    "passkey": ("pop", "user"),
    "upstream": (),  # by what they proved it there, nobody tells
}
KNOWN = {"password"}  # what a person knows; all else is something that they have


def amr_of(proofs: tuple[Proof, ...]) -> list[str]:
    """``mfa`` only where something known and something owned came together."""
    found: dict[str, None] = {}
    for proof in proofs:
        found |= dict.fromkeys(METHODS["sms"] if _is_text_message(proof) else METHODS.get(proof.by, ("otp",)))
    ways = {proof.by for proof in proofs}
    return [*found, *(["mfa"] if ways & KNOWN and ways - KNOWN else [])]


def _is_text_message(proof: Proof) -> bool:
    return proof.by == "sms" or (proof.by == "code" and proof.kind == "phone")


def acr_of(proofs: tuple[Proof, ...]) -> str:
    """Two codes by text message are of one kind, whichever numbers they went to."""
    if all(map(_is_text_message, proofs)):
        return ONE_PROOF
    ways = {proof.by for proof in proofs}
    return TWO_PROOFS if len(ways) > 1 or "passkey" in ways else ONE_PROOF


def issuer(services: Services) -> str:
    return services.environment.public_url


def open_to_all(view: Callable[P, Reply]) -> Callable[P, Response]:
    """Scripts of every site may call it: it reads no cookie."""

    @wraps(view)
    def shared(*args: P.args, **kwargs: P.kwargs) -> Response:
        return allow_origins(make_response(view(*args, **kwargs)))

    return shared


def allow_origins(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response.headers["Access-Control-Max-Age"] = "600"
    return response
