"""GitHub. https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from settings.fields import N_
from upstream.contract import CLIENT_ID, CLIENT_SECRET, Endpoints, Identity, text

TITLE = "GitHub"
SUMMARY = N_("Accounts of github.com.")
BUTTON = N_("Continue with GitHub")
MARK = "github"
SCOPE = "user:email"
FIELDS = (CLIENT_ID, CLIENT_SECRET)
ISSUER = "https://github.com"
ENDPOINTS = Endpoints(
    issuer=ISSUER,
    authorize="https://github.com/login/oauth/authorize",
    token="https://github.com/login/oauth/access_token",  # noqa: S106 - an address
    user=("https://api.github.com/user", "https://api.github.com/user/emails"),
)


def endpoints(_config: Mapping[str, Any]) -> Endpoints:
    return ENDPOINTS


def read(_config: Mapping[str, Any], answers: Any) -> Identity | None:
    """By its number: a name can be given up, and taken by somebody else. The address is the main one."""
    person, addresses = answers
    subject = text(person.get("id")) if isinstance(person, dict) else ""
    if not subject:
        return None
    found = [each for each in addresses if isinstance(each, dict)] if isinstance(addresses, list) else []
    main = next((each for each in found if each.get("primary") is True), {})
    return Identity(ISSUER, subject, text(main.get("email")), main.get("verified") is True)
