"""The manners of both APIs, kept in one place: who calls, what they may, how often, once or again, and how it is told.

1. who        the bearer token, for this API and with the scope                 -> 401, 403
2. how often  calls that change something, a program (and person) and minute    -> 429
3. what       path, query and body, as the operation declares them              -> 400, 404, 413, 415, 422
4. whether    the field is not off, and the proof is fresh                      -> 403
5. once       with an Idempotency-Key the view runs for the first caller only   -> 409, 422
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask_babel import get_locale
from limits import RateLimitItemPerMinute
from werkzeug.exceptions import HTTPException

from api import documents, once, origins
from api.contract import Answer, Call, Operation, View
from api.problems import failed, http_error, problem, refused, wiring
from api.requests import BadRequestError, read_body, read_names, read_query
from flows import account, acting, proof
from flows.outcomes import Refused
from flows.services import Services, Visitor
from oidc import bearer
from settings.clients import ClientKind

VERIFICATION_HEADER = "Doorcode-Verification-Id"
LONGEST_DEVICE = 300  # characters of a User-Agent header


class ToldError(Exception):
    """A call that is answered before its view is asked."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass
class Api:
    """``audience``: of oidc.bearer; ``scopes``: each with what it opens."""

    name: str
    title: str
    about: str
    audience: str
    scopes: Mapping[str, str]
    operations: list[Operation] = field(default_factory=list)
    bp: Blueprint = field(init=False)

    def __post_init__(self) -> None:
        self.bp = Blueprint(f"{self.name}_api", __name__, url_prefix=self.audience)
        self.bp.register_error_handler(HTTPException, http_error)
        self.bp.register_error_handler(Exception, failed)
        self.bp.before_request(origins.preflight)
        self.bp.add_url_rule("/openapi.json", "document", self._document, methods=["GET"])

    def _document(self) -> Response:
        return jsonify(documents.document(self, services().environment.public_url))

    def operation(self, method: str, path: str, summary: str, **declared: Any) -> Callable[[View], View]:
        """Declare what the decorated view does: see :class:`api.contract.Operation`."""

        def declare(view: View) -> View:
            self.add(method, path, summary, view, view.__name__, **declared)
            return view

        return declare

    def add(self, method: str, path: str, summary: str, view: View, name: str, **declared: Any) -> None:
        declared.setdefault("status", 200 if "gives" in declared else 204)
        made = Operation(method=method, path=path, summary=summary, name=name, view=view, **declared)
        self.operations.append(made)
        rule = path.replace("{", "<").replace("}", ">")
        self.bp.add_url_rule(rule, name, lambda **names: self._serve(made, names), methods=[method])

    def _serve(self, operation: Operation, names: Mapping[str, str]) -> Response:
        found: bearer.Access | None = None
        headers: dict[str, str] = {}
        try:
            found = self._caller(operation)
            headers = _count(found, operation)
            call = _read(operation, found, names)
            response = _run(operation, call)
        except ToldError as told:
            response = told.response
        response.headers.update(headers)
        return origins.share(response, found.client if found else None)

    def _caller(self, operation: Operation) -> bearer.Access:
        header = request.headers.get("Authorization", "")
        found = bearer.access(services(), header, self.audience)
        if found is None:
            response = problem("bad_token" if header else "no_token")
            response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if header else "Bearer"
            raise ToldError(response)
        if not set(operation.scope.split()) <= bearer.scopes(found):
            response = problem("scope_missing", scope=operation.scope)
            response.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{operation.scope}"'
            raise ToldError(response)
        return found


def services() -> Services:
    found: Services = current_app.extensions["doorcode"]
    return found


def _holder(found: bearer.Access) -> str:
    """Whose calls are counted together, and whose keys are told from others'."""
    return found.grant.id if found.grant else found.client.id


def _count(found: bearer.Access, operation: Operation) -> dict[str, str]:
    """Headers of draft-ietf-httpapi-ratelimit-headers. What only reads is not counted."""
    if not operation.changes:
        return {}
    most = services().settings().limits.calls_minute
    item, who = RateLimitItemPerMinute(most), f"api:{_holder(found)}"
    fits = wiring().calls.hit(item, who)
    stats = wiring().calls.get_window_stats(item, who)
    ends = max(1, round(stats.reset_time - services().clock())) if stats.reset_time else 60
    headers = {
        "RateLimit-Policy": f'"calls";q={most};w=60',
        "RateLimit": f'"calls";r={max(0, stats.remaining)};t={min(ends, 60)}',
    }
    if not fits:
        response = problem("too_many_calls", wait=min(ends, 60))
        response.headers.update(headers)
        raise ToldError(response)
    return headers


def _read(operation: Operation, found: bearer.Access, names: Mapping[str, str]) -> Call:
    """The call as its view gets it. Raises ToldError."""
    try:
        call = Call(
            services=services(),
            access=found,
            visitor=_visitor(found),
            session=acting.session_of(services(), found.grant, request.headers.get(VERIFICATION_HEADER, ""))
            if found.grant
            else None,
            names=read_names(names),
            query=read_query(operation.query),
            body=read_body(operation.takes) if operation.takes else {},
            if_match=request.headers.get("If-Match", ""),
        )
    except BadRequestError as error:
        raise ToldError(problem(error.reason, error.detail, errors=error.faults or None)) from error
    if operation.field:
        allowed = account.permission(services(), operation.field)
        if allowed == "off" or (operation.changes and allowed != "edit"):
            raise ToldError(problem("switched_off"))
    if operation.proof and not proof.is_fresh(services(), call.session):
        raise ToldError(problem("proof_needed"))
    if operation.matched and not call.if_match:
        raise ToldError(problem("precondition_needed"))
    return call


def _visitor(found: bearer.Access) -> Visitor:
    """An application's own server speaks for many people: there a person's messages are counted by the person."""
    of_server = found.grant is not None and found.client.kind is ClientKind.WEB
    return Visitor(
        browser=f"api:{_holder(found)}",
        address=request.remote_addr or "",
        device=request.user_agent.string[:LONGEST_DEVICE],
        locale=str(get_locale()),
        application=found.client.id,
        counted_as=f"account:{found.grant.account_id}" if of_server and found.grant else "",
    )


def _run(operation: Operation, call: Call) -> Response:
    if not operation.changes:
        return _answer(operation, operation.view(call))
    verification = request.headers.get(VERIFICATION_HEADER, "")
    return once.run(services(), _holder(call.access), verification, lambda: _answer(operation, operation.view(call)))


def _answer(operation: Operation, given: Any) -> Response:
    answer = given if isinstance(given, Answer) else Answer(given)
    if isinstance(answer.body, Refused):
        return refused(answer.body, answer.kind)
    response = Response(status=204) if operation.gives is None else jsonify(answer.body)
    response.status_code = operation.status
    response.headers.update(answer.headers)
    return response
