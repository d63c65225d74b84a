"""The Management API: what an operator's own programs do, as an admin does it in the console."""

from __future__ import annotations

from api.frame import Api
from oidc.bearer import MANAGE_API

SCOPES = {
    "users:read": "see accounts, whole numbers included",
    "users:write": "make, change and delete accounts",
    "settings": "see and change the settings, the texts and the lists of blocked numbers",
    "connectors": "see connectors, and send a test message",
    "messages": "see messages and what became of them",
    "clients": "see and change applications",
    "organizations": "see and change organisations and their members, and invite people",
    "audit": "see who did what",
    "verifications": "send codes of your own and check them",
    "webhooks:read": "see webhooks and what they were told, numbers included where they are",
    "webhooks:write": "add, change and remove webhooks, and so have numbers told elsewhere",
}
ABOUT = """What an admin does in the console, done by a program of the operator's.

Bear an access token that an application of the kind "machine" got with its client credentials, for scopes of the
Management API that the console gave it. What a program does stands in the audit log under its application's name.
"""

api = Api("manage", "Doorcode Management API", ABOUT, MANAGE_API, SCOPES)
bp = api.bp
