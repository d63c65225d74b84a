"""Any provider that speaks OAuth 2 and tells who somebody is at an address of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from settings.fields import N_, Field, Kind
from upstream.contract import CLIENT_ID, CLIENT_SECRET, LABEL, Endpoints, Identity, text

TITLE = N_("OAuth 2")
SUMMARY = N_("Any provider without OpenID Connect, by its three addresses.")
BUTTON = N_("Continue with %(name)s")
SEVERAL = True
SCOPE = ""
FIELDS = (
    LABEL,
    CLIENT_ID,
    CLIENT_SECRET,
    Field("authorize_url", N_("Authorization address"), Kind.URL, required=True),
    Field("token_url", N_("Token address"), Kind.URL, required=True),
    Field("user_url", N_("User address"), Kind.URL, help=N_("Answers with JSON who has come."), required=True),
    Field("scope", N_("Scope"), help=N_("What is asked for, with spaces between.")),
    Field("subject_at", N_("Where its id of the person is"), default="id", help=N_("Such as data.id."), required=True),
    Field("email_at", N_("Where the e-mail address is"), help=N_("Empty: there is none.")),
    Field("verified_at", N_("Where it says that the address is verified"), help=N_("Empty: it never is.")),
)


def endpoints(config: Mapping[str, Any]) -> Endpoints:
    """Who somebody is there is told by the user address, so that stands for the issuer."""
    return Endpoints(config["user_url"], config["authorize_url"], config["token_url"], (config["user_url"],))


def read(config: Mapping[str, Any], answers: Any) -> Identity | None:
    subject = text(_value_at(answers[0], config["subject_at"]))
    if not subject:
        return None
    verified = bool(config["verified_at"]) and _value_at(answers[0], config["verified_at"]) is True
    email = text(_value_at(answers[0], config["email_at"])) if config["email_at"] else ""
    return Identity(str(config["user_url"]), subject, email, verified)


def _value_at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
