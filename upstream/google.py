"""Google. https://developers.google.com/identity/openid-connect/openid-connect"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from settings.fields import N_
from upstream.contract import CLIENT_ID, CLIENT_SECRET

TITLE = "Google"
SUMMARY = N_("Google accounts, also those of Google Workspace.")
BUTTON = N_("Continue with Google")
MARK = "google"
FIELDS = (CLIENT_ID, CLIENT_SECRET)


def issuer(_config: Mapping[str, Any]) -> str:
    return "https://accounts.google.com"
