"""All endpoints for programs, on one blueprint."""

from __future__ import annotations

from flask import Flask

from flows.services import Services
from oidc import device, discovery, introspection, pushed, revocation, server, token, userinfo
from oidc.frame import bp

__all__ = ["bp", "device", "discovery", "introspection", "prepare", "pushed", "revocation", "token", "userinfo"]


def prepare(app: Flask, services: Services) -> None:
    server.prepare(app, services, [*token.GRANTS, (device.DeviceGrant, [])])
    app.register_blueprint(bp)
