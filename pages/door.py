"""The guard at the door: how many forms an address may send a minute, whatever the page (Flask-Limiter)."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_limiter import Limiter

from pages.visitor import network, services

# One address may speak for many people there, and each call carries a proof of its own.
PROGRAMS = ("receipts", "oidc", "account_api", "manage_api")


def prepare(app: Flask, storage_uri: str, storage_options: dict[str, Any]) -> Limiter:
    limiter = Limiter(
        network,
        app=app,
        application_limits=[lambda: f"{services().settings().limits.posts_minute} per minute"],
        storage_uri=storage_uri,
        storage_options=storage_options,
        strategy="sliding-window-counter",
    )
    limiter.request_filter(lambda: request.method not in ("POST", "PUT", "PATCH", "DELETE"))
    limiter.request_filter(lambda: request.blueprint in PROGRAMS)
    return limiter
