"""Which sites' scripts may call: those of the token's own application, at the origins of its redirect addresses.

A preflight carries no token, so it is answered to every origin that some application may call from; the call itself
only to the origin of its own.
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request

from flows import clients

HEADERS = "Authorization, Content-Type, Doorcode-Verification-Id, Idempotency-Key, If-Match, Accept-Language"
SHOWN = "ETag, Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-ID"


def preflight() -> Response | None:
    if request.method != "OPTIONS":
        return None
    response = Response(status=204)
    origin = request.headers.get("Origin", "")
    if origin and clients.may_call_from(current_app.extensions["doorcode"], origin):
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
