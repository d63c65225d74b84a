"""What a reverse proxy asks (/forward-auth), and what a browser meets below /.doorcode on the address that it protects.

Which address that is, the proxy says in ``X-Forwarded-Host``, ``-Proto`` and ``-Uri``, which it must set itself.
Nothing here takes a visitor anywhere but to this server and to the address itself. docs/embedding.md has the set-up.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request

from flows import clients
from oidc import gate
from oidc.gate import Gate
from pages.journey import Page
from pages.visitor import services
from settings.clients import GATE

bp = Blueprint("gate", __name__)

PASS, VERIFIER = "doorcode_pass", "doorcode_way"
VERIFIER_SECONDS = 3600


@bp.get("/forward-auth/nginx")
def check() -> Page:
    """200 with who it is, or 401 with where to sign in: all that nginx's auth_request can pass on."""
    identity = _identity(_origin())
    if identity is None:
        return Response(status=401, headers={"Location": _way_in(_gate())})
    return Response(status=200, headers=identity)


@bp.get("/forward-auth")
def guard() -> Page:
    """The same for proxies that hand our reply on (Traefik, Caddy): pages are led to sign in, and come back by us."""
    asked = urlsplit(request.headers.get("X-Forwarded-Uri", "/"))
    step = STEPS.get(asked.path.removeprefix(GATE)) if asked.path.startswith(GATE + "/") else None
    if step:
        return step(_gate(), {name: values[0] for name, values in parse_qs(asked.query).items()})
    identity = _identity(_origin())
    if identity is not None:
        return Response(status=200, headers=identity)
    is_page = request.headers.get("X-Forwarded-Method", "GET") == "GET" and "text/html" in request.headers.get(
        "Accept", "text/html"
    )
    found = _gate()
    return redirect(_way_in(found), 302) if is_page else Response(status=401)


@bp.get(f"{GATE}/<step>")
def on_the_address(step: str) -> Page:
    """Where the proxy hands this path on to us: the steps themselves."""
    if f"/{step}" not in STEPS:
        abort(404)
    return STEPS[f"/{step}"](_gate(), request.args.to_dict())


def _origin() -> str:
    scheme, host = request.headers.get("X-Forwarded-Proto", ""), request.headers.get("X-Forwarded-Host", "")
    return f"{scheme}://{host}"


def _gate() -> Gate:
    found = gate.find(services(), _origin())
    return found or abort(403)


def _identity(origin: str) -> dict[str, str] | None:
    return gate.check(services(), origin, _cookie(origin, PASS))


def _way_in(found: Gate) -> str:
    path = gate.path_of(request.headers.get("X-Forwarded-Uri", "/"))
    return f"{found.origin}{GATE}/sign-in?{urlencode({'to': path})}"


def _sign_in(found: Gate, values: dict[str, str]) -> Page:
    verifier = gate.new_verifier(_cookie(found.origin, VERIFIER))
    response = redirect(gate.leave(services(), found, verifier, values.get("to", "/")), 303)
    response.set_cookie(_name(found.origin, VERIFIER), verifier, max_age=VERIFIER_SECONDS, **_options(found.origin))
    return response


def _come_back(found: Gate, values: dict[str, str]) -> Page:
    target = found.origin + gate.path_of(values.get("state", "/"))
    if _identity(found.origin) is not None:  # Back, or another tab was faster
        return redirect(target, 303)
    given = gate.enter(services(), found, values.get("code", ""), _cookie(found.origin, VERIFIER))
    if given is None:  # no turning in circles where a browser keeps no cookies, or somebody went back
        return redirect(gate.failure_url(services(), found), 303)
    token, expires_at = given
    response = redirect(target, 303)
    response.set_cookie(_name(found.origin, PASS), token, expires=expires_at, **_options(found.origin))
    response.delete_cookie(_name(found.origin, VERIFIER), **_options(found.origin))
    return response


@bp.get("/openid/not-signed-in")
def not_signed_in() -> Page:
    """On our own address, where the page has its looks. The way back is what the application's settings say."""
    client = clients.find(services(), request.args.get("client_id", ""))
    return render_template("openid/not_signed_in.html", client=client, home=clients.home_of(client) if client else "")


def _sign_out(found: Gate, _values: dict[str, str]) -> Page:
    """Our own page asks first; the pass ends with the session."""
    return redirect(gate.sign_out_url(services(), found), 303)


STEPS: dict[str, Any] = {"/sign-in": _sign_in, "/callback": _come_back, "/sign-out": _sign_out}


def _cookie(origin: str, name: str) -> str:
    return request.cookies.get(_name(origin, name), "")


def _name(origin: str, name: str) -> str:
    return f"__Host-{name}" if origin.startswith("https:") else name


def _options(origin: str) -> dict[str, Any]:
    return {"path": "/", "httponly": True, "samesite": "Lax", "secure": origin.startswith("https:")}
