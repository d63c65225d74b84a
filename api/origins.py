"""Which sites' scripts may call: those of the token's own application, at the origins of its redirect addresses.

A preflight carries no token, so it is answered to every origin that some application may call from; the call itself
only to the origin of its own.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, request

from flows import clients
from flows.services import Services

KEPT_SECONDS = 1.0
HEADERS = "Authorization, Content-Type, Doorcode-Verification-Id, Idempotency-Key, If-Match, Accept-Language"
SHOWN = "ETag, Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-ID"


@dataclass
class Sites:
    """From where some application may call, as it was a second ago at most: a browser asks before each new address, and
    none of them needs a token for it."""

    found: frozenset[str] = frozenset()
    looked_at: float = float("-inf")

    def now(self, services: Services) -> frozenset[str]:
        moment = time.monotonic()
        if moment - self.looked_at >= KEPT_SECONDS:
            self.found, self.looked_at = clients.calling_sites(services), moment
        return self.found


def prepare(app: Flask) -> None:
    app.extensions["doorcode_sites"] = Sites()


def preflight() -> Response | None:
    if request.method != "OPTIONS":
        return None
    response = Response(status=204)
    origin = request.headers.get("Origin", "")
    sites: Sites = current_app.extensions["doorcode_sites"]
    if origin and origin in sites.now(current_app.extensions["doorcode"]):
        _allow(response, origin)
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
        response.headers["Access-Control-Allow-Headers"] = HEADERS
        response.headers["Access-Control-Max-Age"] = "600"
    return response


def share(response: Response, client: Any) -> Response:
    """``client``: None where the token tells of none."""
    origin = request.headers.get("Origin", "")
    if client and origin and origin in clients.origins(client):
        _allow(response, origin)
        response.headers["Access-Control-Expose-Headers"] = SHOWN
    return response


def _allow(response: Response, origin: str) -> None:
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers.add("Vary", "Origin")
