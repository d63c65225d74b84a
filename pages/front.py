"""The front door, and what machines ask: is it alive, is it ready?"""

from __future__ import annotations

from flask import Blueprint, redirect, url_for

from flows import health
from pages.journey import Page
from pages.visitor import services

bp = Blueprint("front", __name__)


@bp.get("/")
def front() -> Page:
    return redirect(url_for("sign_in.start"), 302)


@bp.get("/healthz")
def alive() -> Page:
    return {"status": "ok"}


@bp.get("/readyz")
def ready() -> Page:
    return ({"status": "ready"}, 200) if health.is_ready(services()) else ({"status": "database away"}, 503)
