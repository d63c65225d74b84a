"""What every provider of identities is made of: data in, data out, no network, no clock, no database.

A provider is one module of this package. It declares ``TITLE``, ``SUMMARY``, ``BUTTON`` and ``FIELDS``. One that speaks
OpenID Connect has

    issuer(config) -> str                                   where its discovery document is

and one that speaks OAuth 2 only has

    endpoints(config) -> Endpoints                          as its documentation names them
    read(config, answers: list[Any]) -> Identity | None     of what ``Endpoints.user`` answered, in that order

and, where it applies,

    SCOPE = "openid email"                                  what is asked for
    read(config, claims) -> Identity | None                 where an OpenID provider's claims are not the standard's
    own_issuer(config, claims) -> str                       where it is not the one of the discovery document
    check(config) -> dict[field name, Problem]              a rule that the fields cannot say
    client_secret(config, now: float) -> str                where it is made anew each time
    ASKED = {"response_mode": "form_post"}                  more of the authorization request
    SEVERAL = True                                          more than one of the kind can be set up
    MARK = "github"                                         templates/parts/marks/<mark>.svg, for its button

``config`` has passed the fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from settings.fields import N_, Field

CLIENT_ID = Field("client_id", N_("Client ID"), required=True)
CLIENT_SECRET = Field("client_secret", N_("Client secret"), required=True, secret=True)
LABEL = Field("label", N_("Name"), help=N_("Stands on the button."), required=True, maximum=40)


@dataclass(frozen=True)
class Endpoints:
    """``user``: what is asked with an access token, in order; beside an ID token the first one, where that tells
    neither address nor number. ``keys``: of ID tokens, "" where there are none. ``names_itself``: whether the answer to
    an authorization request must bear the issuer (RFC 9207)."""

    issuer: str
    authorize: str
    token: str
    user: tuple[str, ...] = ()
    keys: str = ""
    names_itself: bool = False


@dataclass(frozen=True)
class Identity:
    """Who came, by the provider's word: ``subject`` is what it calls the person and never gives to another.

    ``email`` and ``phone`` as it writes them; verified only where it says so itself.
    """

    issuer: str
    subject: str
    email: str = ""
    email_verified: bool = False
    phone: str = ""
    phone_verified: bool = False


def of_claims(claims: Mapping[str, Any]) -> Identity | None:
    """The standard's claims (OpenID Connect Core, 5.1). Only the boolean, or its spelling, is a yes."""
    subject = text(claims.get("sub"))
    if not subject:
        return None
    return Identity(
        issuer=text(claims.get("iss")),
        subject=subject,
        email=text(claims.get("email")),
        email_verified=_is_yes(claims.get("email_verified")),
        phone=text(claims.get("phone_number")),
        phone_verified=_is_yes(claims.get("phone_number_verified")),
    )


def _is_yes(value: Any) -> bool:
    return value is True or value == "true"


def text(value: Any) -> str:
    """A value of 1 to 255 printable characters, or the digits of a number; "" for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and len(value) <= 255 and value.isprintable() else ""
