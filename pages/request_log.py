"""One line a request: who asks is not in it, nor what was typed, nor any query. And each is counted."""

from __future__ import annotations

import logging
import secrets
import time

from flask import Flask, Response, current_app, g, request

from pages.traffic import NO_ROUTE

log = logging.getLogger("doorcode.requests")


def prepare(app: Flask) -> None:
    app.before_request(begin)
    app.after_request(end)


def begin() -> None:
    g.request_id = secrets.token_hex(8)
    g.begun = time.perf_counter()


def end(response: Response) -> Response:
    response.headers.add("X-Request-ID", g.request_id)
    rule = request.url_rule
    where = rule.rule if rule else NO_ROUTE
    seconds = time.perf_counter() - g.begun
    current_app.extensions["doorcode_traffic"].count(where, response.status_code, seconds)
    log.info(
        "%s %s %s",
        request.method,
        where,
        response.status_code,
        extra={"milliseconds": round(seconds * 1000, 1)},
    )
    return response
