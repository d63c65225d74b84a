"""What a page that is for an application allows besides our own: its addresses after a form, and its picture."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Response, g

from pages.headers import CSP

HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]+)?|\[[0-9a-fA-F:.]+\](:[0-9]+)?", re.ASCII)


def allow_application(response: Response) -> Response:
    """Browsers check where a form leads after all its redirects, so the application's own address must be allowed."""
    found, picture = g.get("waiting"), g.get("picture", "")
    if found is None:
        if picture:
            shown = CSP.replace("img-src 'self'", f"img-src 'self' {origin(picture)}".rstrip())
            response.headers["Content-Security-Policy"] = shown
        return response
    origins = " ".join(filter(None, dict.fromkeys(origin(uri) for uri in found.client.redirect_uris)))
    policy = CSP.replace("form-action 'self'", f"form-action 'self' {origins}")
    named = found.organization.settings.logo_url if found.organization else ""
    logos = " ".join(filter(None, (origin(url) for url in (found.client.settings.logo_url, named))))
    policy = policy.replace("img-src 'self'", f"img-src 'self' {logos}".rstrip())
    response.headers["Content-Security-Policy"] = policy
    return response


def show_picture(url: str) -> None:
    """This page, which is for no application, shows a picture of somebody's."""
    g.picture = url


def origin(uri: str) -> str:
    """As a policy writes it; "" for what is no host's name, and might be read as more of the policy."""
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}:" if parts.scheme else ""
    native = parts.scheme == "http" and parts.port is None  # any port of one's own machine
    try:
        host = parts.netloc.encode("idna").decode()
    except UnicodeError:
        return ""
    return f"{parts.scheme}://{host}{':*' if native else ''}" if HOST.fullmatch(host) else ""
