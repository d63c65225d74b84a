"""Who is at the other end of a request: the browser's own secret, and whose session its cookie names."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Response, current_app, g, redirect, request, session, url_for
from flask_babel import get_locale

from flows import admin_sign_in, guard_pass, sessions
from flows.outcomes import SignedIn
from flows.services import Services, Visitor

P = ParamSpec("P")
R = TypeVar("R")

LONGEST_DEVICE = 300  # characters of a User-Agent header
SEEN_EVERY = 60  # seconds between two notes that somebody is still there
ACCOUNT_COOKIE = "doorcode_session"
TRUSTED_COOKIE = "doorcode_trusted"
CONSOLE_COOKIE = "doorcode_console"


def services() -> Services:
    """What flows work with. A preview stands in with settings of its own."""
    return g.get("services") or _own_services()


def _own_services() -> Services:
    g.services = current_app.extensions["doorcode"]
    found: Services = g.services
    return found


def visitor() -> Visitor:
    """The visitor of this request. A browser gets its secret with its first form, not by looking at a page."""
    if request.method == "POST" and "browser" not in session:
        session["browser"] = secrets.token_urlsafe(32)
        session.permanent = True
    waiting = g.get("waiting")  # an application's request, which pages/openid.py found
    return Visitor(
        browser=session.get("browser", ""),
        address=request.remote_addr or "",
        device=request.user_agent.string[:LONGEST_DEVICE],
        locale=str(get_locale()),
        trusted=request.cookies.get(cookie_name(TRUSTED_COOKIE), ""),
        top_host=g.get("top_host", ""),
        application=waiting.client.id if waiting else "",
    )


def network() -> str:
    """What limits count for this request's address. It makes no cookie: forms of other sites come without ours."""
    return Visitor("", request.remote_addr or "", "", "").network


def cookie_name(name: str) -> str:
    """With TLS the browser itself sees to it that only this host can set the cookie (``__Host-``).

    In a frame of an application's site they are others: what a frame knows, our own pages do not.
    """
    name = f"{name}_frame" if framed() else name
    return f"__Host-{name}" if services().environment.secure else name


def cookie_options() -> dict[str, Any]:
    """How our cookies are kept: for our own pages, or in a frame apart for each site that shows one (CHIPS)."""
    apart = {"secure": True, "samesite": "None", "partitioned": True}
    own = {"secure": services().environment.secure, "samesite": "Lax"}
    return {"path": "/", "httponly": True} | (apart if framed() else own)


def framed() -> bool:
    """Whether this page is shown in a frame, by an application that may (pages/embedding.py)."""
    return bool(g.get("framed"))


def enter(signed_in: SignedIn, target: str = "", cookie: str = ACCOUNT_COOKIE) -> Response:
    """Send the person on with their session's cookie: to ``target``, or to where whoever has signed in goes.

    Of what the browser held before only its language stays.
    """
    _begin_afresh(session.get("language"))
    response = redirect(target or landing(offer=signed_in.offer), 303)
    response.set_cookie(
        cookie_name(cookie),
        signed_in.token,
        expires=signed_in.expires_at,
        **cookie_options(),
    )
    return response


def landing(*, offer: bool) -> str:
    """Where whoever is in goes: to their account, or first to the page that offers a second factor."""
    if offer:
        session["offered"] = True
    return url_for("enrol.offer" if offer else "account.overview")


def _begin_afresh(language: str | None = None) -> None:
    """Who just solved a challenge is not asked again for that."""
    before = session.get("browser", "") if "challenged" in session else ""
    session.clear()
    if language:
        session["language"] = language
    if before:
        session["challenged"], session["browser"] = True, secrets.token_urlsafe(32)
        guard_pass.hand_over(services(), before, session["browser"])


def leave(target: str, cookie: str = ACCOUNT_COOKIE) -> Response:
    _begin_afresh()
    response = redirect(target, 303)
    response.delete_cookie(cookie_name(cookie), **cookie_options())
    return response


def token(cookie: str = ACCOUNT_COOKIE) -> str:
    return request.cookies.get(cookie_name(cookie), "")


def account_session() -> Any:
    """The person's session, or None. Asked of the database once a request, and only where there is a cookie."""
    if "account_session" not in g:
        found = sessions.who(services(), token())
        g.account_session = None if found and _is_idle(found) else found
    return g.account_session


def _is_idle(found: Any) -> bool:
    """Whether nobody opened a page of this session for too long. The browser's signed cookie tells: opening one writes
    no row. What it tells of another session counts for nothing."""
    longest, now = sessions.longest_idle(services()), services().clock()
    of, at = session.get("seen", ("", 0))
    unseen = now - (at if of == found.id else found.created_at)
    if longest and SEEN_EVERY <= unseen <= longest:
        session["seen"], session.permanent = (found.id, int(now)), True
    return bool(longest) and unseen > longest


def admin() -> Any:
    """The console's admin, or None."""
    if "admin" not in g:
        g.admin = admin_sign_in.who(services(), token(CONSOLE_COOKIE))
    return g.admin


def signed_in_even_if_pending(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Also for those whose account still lacks something."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if account_session() is None:
            return redirect(url_for("sign_in.start"), 303)
        return view(*args, **kwargs)

    return guarded


def signed_in_only(view: Callable[P, R]) -> Callable[P, R | Response]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if account_session() is None:
            return redirect(url_for("sign_in.start"), 303)
        if account_session().pending:
            return redirect(url_for("complete.what_next"), 303)
        return view(*args, **kwargs)

    return guarded
