"""Apple. https://developer.apple.com/documentation/signinwithapple

The client secret is a token that we sign anew each time, with a key that Apple gives once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from settings.fields import N_, Field, Kind, Problem
from upstream.contract import CLIENT_ID

TITLE = "Apple"
SUMMARY = N_("Apple accounts. People may hide their e-mail address behind one of Apple's.")
BUTTON = N_("Continue with Apple")
MARK = "apple"
FIELDS = (
    CLIENT_ID,
    Field("team_id", N_("Team ID"), required=True, pattern=r"[A-Z0-9]{10}", hint=N_("Ten letters and digits.")),
    Field("key_id", N_("Key ID"), required=True, pattern=r"[A-Z0-9]{10}", hint=N_("Ten letters and digits.")),
    Field("private_key", N_("Private key"), Kind.LONG_TEXT, help=N_("The whole .p8 file."), required=True, secret=True),
)
ASKED = {"response_mode": "form_post"}  # it insists, where an address is asked for
ISSUER = "https://appleid.apple.com"
SECRET_SECONDS = 300


def issuer(_config: Mapping[str, Any]) -> str:
    return ISSUER


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    try:
        ECKey.import_key(str(config["private_key"]))
    except Exception:  # of two libraries, for whatever was typed
        return {"private_key": Problem(N_("This is no private key as Apple's .p8 files have it."))}
    return {}


def client_secret(config: Mapping[str, Any], now: float) -> str:
    claims = {
        "iss": config["team_id"],
        "iat": int(now),
        "exp": int(now) + SECRET_SECONDS,
        "aud": ISSUER,
        "sub": config["client_id"],
    }
    header = {"alg": "ES256", "kid": config["key_id"]}
    return jwt.encode(header, claims, ECKey.import_key(str(config["private_key"])))
