"""Idempotency-Key: the same call many times is done once, and answered the same. draft-ietf-httpapi-idempotency-key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from flask import Response, request

from api.problems import problem, refused, wiring
from flows import idempotency
from flows.idempotency import Again, Call, First
from flows.services import Services

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
KEY = re.compile(r'"?([\x21\x23-\x5b\x5d-\x7e]{1,200})"?')
NOTHING_DONE = (429, 503)  # such an answer keeps nobody from trying again with the same key
KEPT_HEADERS = ("Content-Type", "Retry-After", "ETag", "Location")


def run(services: Services, holder: str, verification: str, view: Callable[[], Response]) -> Response:
    """What ``view`` answers, or what it answered when the key came first. ``verification``: part of what was asked."""
    if HEADER not in request.headers:
        return view()
    key = KEY.fullmatch(request.headers[HEADER])
    if key is None:
        return problem("bad_key")
    asked = (request.method, request.path, request.headers.get("If-Match", ""), verification)
    call = idempotency.call(services, holder, key[1], *(part.encode() for part in asked), request.get_data())
    begun = idempotency.begin(services, call)
    if isinstance(begun, Again):
        return _again(begun.answer)
    if not isinstance(begun, First):
        return refused(begun)
    response = _answer(services, call, view)
    if response.status_code in NOTHING_DONE:
        idempotency.undone(services, call)
    else:
        idempotency.answered(services, call, _kept(response))
    return response


def _answer(services: Services, call: Call, view: Callable[[], Response]) -> Response:
    """A call that fails has undone what it began, so its key is free. Where the database went away nobody knows."""
    try:
        return view()
    except wiring().away:
        raise
    except Exception:
        idempotency.undone(services, call)
        raise


def _kept(response: Response) -> str:
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    return json.dumps([response.status_code, headers, response.get_data(as_text=True)])


def _again(answer: str) -> Response:
    status, headers, body = json.loads(answer)
    response = Response(body, status=status)
    response.headers.update(headers | {REPLAYED: "true"})
    return response
