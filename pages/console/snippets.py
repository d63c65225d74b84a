"""Settings to copy and paste: for each kind of application what common libraries and proxies want to be told."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import render_template

from pages.visitor import services
from settings.clients import ClientKind

# The name of the library, and templates/console/snippets/<name>.txt
LIBRARIES = {
    ClientKind.WEB: (
        ("Flask, Authlib", "flask"),
        ("Node.js, openid-client", "openid_client"),
        ("Next.js, Auth.js", "authjs"),
        ("Spring Boot", "spring"),
        ("ASP.NET Core", "aspnet"),
        ("Apache, mod_auth_openidc", "mod_auth_openidc"),
        ("oauth2-proxy", "oauth2_proxy"),
    ),
    ClientKind.SPA: (("oidc-client-ts", "oidc_client_ts"),),
    ClientKind.NATIVE: (("AppAuth", "appauth"),),
    ClientKind.MACHINE: (("curl", "curl"),),
    ClientKind.PROXY: (("nginx", "nginx"), ("Traefik", "traefik"), ("Caddy", "caddy")),
}


def snippets(client: Any) -> list[tuple[str, str]]:
    """Name and text of each."""
    redirect_uri = next(iter(client.redirect_uris), "https://app.example.com/callback")
    values = {
        "issuer": services().environment.public_url,
        "client_id": client.id,
        "redirect_uri": redirect_uri,
        "redirect_path": urlsplit(redirect_uri).path or "/",
        "host": urlsplit(redirect_uri).netloc,
    }
    return [
        (title, render_template(f"console/snippets/{name}.txt", **values)) for title, name in LIBRARIES[client.kind]
    ]
