"""The Account API: what programs do for the person whose token they bear."""

from __future__ import annotations

from api.frame import Api
from oidc.bearer import ACCOUNT_API

SCOPES = {
    "profile": "see and change the username, the password, accounts at other providers and organisations",
    "phone": "see and change phone numbers",
    "email": "see and change e-mail addresses",
    "mfa": "see and change second factors",
    "sessions": "see and end sessions, applications and what happened",
}
ALL_SCOPES = " ".join(SCOPES)
ABOUT = """What a person can do on their account page, done by an application for them.

Bear an access token of the person's grant, of an application that may use this API. What changes anything sensitive
needs a fresh proof that it is still the same person: make a verification, let the person prove it, and send its id as
`Doorcode-Verification-Id` within ten minutes. Send the person's `Accept-Language`: sentences and messages follow it.
"""

api = Api("account", "Doorcode Account API", ABOUT, ACCOUNT_API, SCOPES)
bp = api.bp
