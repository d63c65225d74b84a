"""What a program is told when it is told no: problem details (RFC 9457), with types that never change.

A type is ``urn:doorcode:problem:<reason>``, with the reason that flows give. Its ``detail`` is the sentence that a
person would read on the page, in the language that was asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException

from api.schema import Schema, array, obj, text, whole
from flows.outcomes import Refused
from settings.fields import Problem

log = logging.getLogger("doorcode.api")

TYPE = "urn:doorcode:problem:"
PREFIX = "/api/"
BUSY_SECONDS = 5
SCHEMA: Schema = obj(
    "type title status",
    type={"type": "string", "pattern": f"^{TYPE}[a-z_]+$"},
    title=text("What it is, for developers; always the same for a type", most=200),
    status=whole(400, 599),
    detail=text("What it is this time, for people", most=2000),
    wait=whole(0, about="Seconds until it makes sense to come back"),
    tries_left=whole(0, about="Tries that this code or password has left"),
    scope=text("The scope that is missing", most=200),
    errors=array(
        obj("pointer detail", pointer=text("Where in the body (RFC 6901)"), detail=text("What is wrong there")),
        about="One for each fault of the body",
    ),
    reference=text("What our log calls this", most=40),
)

# What only programs are told: status and title.
OWN: dict[str, tuple[int, str]] = {
    "not_json": (400, "The body is not JSON"),
    "bad_query": (400, "A parameter of the address is wrong or not known"),
    "bad_key": (400, "The Idempotency-Key is not 1 to 200 visible characters"),
    "bad_act": (422, "The text is not one line of plain text, or holds the address of a page"),
    "bad_statement": (422, "The statement is not ours, or not for this application"),
    "other_act": (409, "The statement is of another act"),
    "other_person": (409, "The statement is of another person"),
    "used_statement": (409, "The statement was taken before"),
    "late_statement": (409, "The statement is over, or the sign-in that it came from is"),
    "bad_address": (422, "The address is no IP address"),
    "no_token": (401, "A bearer token is needed"),
    "bad_token": (401, "The token is not good, or not for this API"),
    "scope_missing": (403, "The token has not the scope that this needs"),
    "more_than_own": (403, "No program gives or takes scopes of the Management API that its token has not"),
    "proof_needed": (403, "The person has to show first that it is them"),
    "switched_off": (403, "The operator has switched this off"),
    "not_found": (404, "There is no such thing"),
    "no_method": (405, "This address does not take this method"),
    "under_way": (409, "A call with this Idempotency-Key is under way"),
    "unfinished": (409, "The call with this Idempotency-Key never ended: look what became of it, and use a new key"),
    "changed_meanwhile": (409, "Somebody else changed it meanwhile"),
    "too_long": (413, "The body is too long"),
    "not_accepted": (415, "The body must be application/json"),
    "invalid": (422, "The body does not say what it should"),
    "connector_not_set_up": (409, "This connector is not set up"),
    "no_secret": (409, "This application has no secret"),
    "no_such_client": (404, "There is no such thing"),
    "no_such_webhook": (404, "There is no such thing"),
    "webhook_off": (409, "This webhook is switched off"),
    "no_such_version": (422, "There is no such version"),
    "other_request": (422, "This Idempotency-Key came with another request"),
    "precondition_failed": (412, "It is not what it was when you read it"),
    "precondition_needed": (428, "Say with If-Match which state you saw"),
    "too_many_calls": (429, "Too many calls"),
    "failed": (500, "Something went wrong on our side"),
    "busy": (503, "We are busy"),
}
OF_STATUS = {404: "not_found", 405: "no_method", 413: "too_long", 415: "not_accepted", 429: "too_many_calls"}


def problem(reason: str, detail: str = "", *, status: int = 0, **more: Any) -> Response:
    """``more``: other members of SCHEMA; those that are None are left out."""
    known, title = OWN.get(reason, (0, reason.replace("_", " ").capitalize()))
    body = {"type": TYPE + reason, "title": title, "status": status or known or 422}
    body |= {"detail": detail} if detail else {}
    body |= {name: value for name, value in more.items() if value is not None}
    response: Response = jsonify(body)
    response.status_code, response.mimetype = body["status"], "application/problem+json"
    if body.get("wait"):
        response.headers["Retry-After"] = str(body["wait"])
    return response


def refused(outcome: Refused, kind: str = "phone") -> Response:
    """A flow's no. ``kind``: of what a code went to."""
    faults = _faults(outcome)
    if faults is not None:
        return problem("invalid", errors=faults)
    if outcome.reason in OWN:
        return problem(outcome.reason, wait=outcome.wait)
    return problem(
        outcome.reason,
        wiring().sentence(outcome, kind),
        status=wiring().status(outcome),
        wait=outcome.wait,
        tries_left=outcome.values.get("tries_left"),
    )


def _faults(outcome: Refused) -> list[dict[str, str]] | None:
    """Of what is wrong with settings or a client, by name."""
    values = outcome.values.get("problems", outcome.values)
    found = {name: each for name, each in values.items() if isinstance(each, Problem)}
    if not found:
        return None
    return [{"pointer": "/" + name.replace(".", "/"), "detail": _words(each)} for name, each in found.items()]


def _words(fault: Problem) -> str:
    values = {name: _words(v) if isinstance(v, Problem) else v for name, v in (fault.values or {}).items()}
    return fault.text % values if values else fault.text


@dataclass(frozen=True)
class Wiring:
    """What only the application knows: the sentence and the status of a refusal, as pages have them; the counter of
    calls; and which errors mean that the database or the counters' store is away."""

    sentence: Callable[..., str]
    status: Callable[[Refused], int]
    calls: Any  # a strategy of the library "limits"
    away: tuple[type[Exception], ...]


def wiring() -> Wiring:
    found: Wiring = current_app.extensions["doorcode_api"]
    return found


def prepare(app: Flask, wiring: Wiring, page: Callable[[HTTPException], Any]) -> None:
    """``page``: what a browser is shown where an address leads nowhere."""
    app.extensions["doorcode_api"] = wiring

    def unrouted(error: HTTPException) -> Any:
        return http_error(error) if request.path.startswith(PREFIX) else page(error)

    for code in (404, 405):  # raised before it is known whose address it would be
        app.register_error_handler(code, unrouted)


def http_error(error: HTTPException) -> Response:
    reason = OF_STATUS.get(error.code or 500, "not_json" if (error.code or 500) < 500 else "failed")
    response = problem(reason)
    response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return response


def failed(error: Exception) -> Response:
    if isinstance(error, wiring().away):
        log.error("the database or the counter store does not answer: %s", type(error).__name__)
        return problem("busy", wait=BUSY_SECONDS)
    log.error("%s in %s", type(error).__name__, request.endpoint, exc_info=error)
    return problem("failed", reference=g.get("request_id"))
