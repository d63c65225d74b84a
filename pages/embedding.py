"""Our pages where an application shows them: in a pop-up, or in a frame on its own site.

Only pages that serve such a request of such an application's are let go: a frame's site must be listed by the client,
and everything else says that nobody may frame it. What a page in a frame keeps, it keeps in cookies of its own, apart
for each site (CHIPS). A cookie that names the request says that a page is in a frame; only we can set it, so that no
address makes our own pages use a frame's cookies.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask.wrappers import Request
from itsdangerous import URLSafeTimedSerializer

from pages.address import spell_query
from pages.headers import CSP, NO_FRAME
from pages.journey import Page
from pages.visitor import account_session, framed

bp = Blueprint("embedding", __name__)

FRAME_COOKIE = "doorcode_in"
AUTHORIZE = "/oauth/authorize"
# The pages of a journey. Those that add something to an account only for one that cannot be without, or was just asked.
JOURNEY = ("sign_in", "sign_up", "forgot_password", "mfa", "complete", "openid", "challenge")
ADDING = ("contacts", "enrol", "proof")


def prepare(app: Flask) -> None:
    app.session_interface = Sessions(app)
    app.after_request(allow)
    app.context_processor(lambda: {"framed": framed()})


def frame_cookie(request_id: str) -> str:
    prefix = "__Host-" if current_app.extensions["doorcode"].environment.secure else ""
    return f"{prefix}{FRAME_COOKIE}_{request_id}"


class Sessions(SecureCookieSessionInterface):
    """The cookie of forms and tickets, which in a frame is another one. What signs it is made once."""

    digest_method = staticmethod(hashlib.sha1)  # Flask's own is a function around it, for which hmac takes its slow way

    def __init__(self, app: Flask) -> None:
        self._signs = super().get_signing_serializer(app)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        return self._signs

    def open_session(self, app: Flask, request: Request) -> Any:
        spell_query(request)  # here is where a parameter is read first
        begins = request.path == AUTHORIZE and request.args.get("display") == "frame"
        g.framed = (
            request.headers.get("Sec-Fetch-Dest") == "iframe"
            if begins
            else frame_cookie(request.args.get("request_id", "")) in request.cookies
        )
        return super().open_session(app, request)

    def get_cookie_name(self, app: Flask) -> str:
        return super().get_cookie_name(app) + ("_frame" if g.get("framed") else "")

    def get_cookie_samesite(self, app: Flask) -> str | None:
        return "None" if g.get("framed") else super().get_cookie_samesite(app)

    def get_cookie_secure(self, app: Flask) -> bool:
        return bool(g.get("framed")) or super().get_cookie_secure(app)

    def get_cookie_partitioned(self, app: Flask) -> bool:
        return bool(g.get("framed"))


def serve(origin: str, *, framed: bool, by_message: bool) -> None:
    """This reply is for a page of ``origin`` that shows ours in a frame, or for one that waits for a message."""
    g.embedded = (origin, framed, by_message)
    g.top_host = urlsplit(origin).hostname or "" if framed else ""


def allow(response: Response) -> Response:
    origin, framed, by_message = g.get("embedded", ("", False, False))
    if framed and _may_be_framed():
        policy = response.headers.get("Content-Security-Policy", CSP)
        response.headers["Content-Security-Policy"] = policy.replace(NO_FRAME, f"frame-ancestors {origin}")
    elif by_message:  # the window that opened this one must be there at the end
        response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


def _may_be_framed() -> bool:
    if request.blueprint in ADDING:
        return account_session() is not None and (account_session().pending or "offered" in session)
    return request.blueprint in JOURNEY and request.endpoint != "openid.consent"  # whoever frames it could cover it


@bp.get("/oauth/embed.js")
def script() -> Page:
    """For an application's own pages: docs/embedding.md."""
    response = current_app.send_static_file("embed.js")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
