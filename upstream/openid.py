"""Any provider that speaks OpenID Connect and tells of itself at ``/.well-known/openid-configuration``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from settings.fields import N_, Field, Kind
from upstream.contract import CLIENT_ID, CLIENT_SECRET, LABEL

TITLE = N_("OpenID Connect")
SUMMARY = N_("Any provider by its address: Keycloak, Okta, Auth0, ZITADEL, another Doorcode.")
BUTTON = N_("Continue with %(name)s")
SEVERAL = True
SCOPE = "openid email phone"
FIELDS = (
    LABEL,
    Field("issuer", N_("Issuer"), Kind.URL, help=N_("As its discovery document spells it."), required=True),
    CLIENT_ID,
    CLIENT_SECRET,
)


def issuer(config: Mapping[str, Any]) -> str:
    return str(config["issuer"])
