"""Microsoft. https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc

Any tenant's admin can write any address into the claim ``email``, so it counts as verified only where Microsoft says
that the domain's owner is verified (``xms_edov``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from settings.fields import N_, Field
from upstream.contract import CLIENT_ID, CLIENT_SECRET, Identity, of_claims, text

TITLE = "Microsoft"
SUMMARY = N_("Accounts of companies and schools (Entra ID), and personal ones.")
BUTTON = N_("Continue with Microsoft")
MARK = "microsoft"
HOST = "https://login.microsoftonline.com"
FIELDS = (
    CLIENT_ID,
    CLIENT_SECRET,
    Field(
        "tenant",
        N_("Tenant"),
        default="common",
        help=N_("The tenant's id: people of one company. Or common, organizations, consumers."),
        required=True,
        pattern=r"common|organizations|consumers|[0-9a-f-]{36}",
        hint=N_("The id of a tenant in small letters, or common, organizations or consumers."),
    ),
)


def issuer(config: Mapping[str, Any]) -> str:
    """Whose discovery document names {tenantid} in its place where there are several: see own_issuer."""
    return f"{HOST}/{config['tenant']}/v2.0"


def own_issuer(config: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    several = config["tenant"] in ("common", "organizations", "consumers")
    return f"{HOST}/{text(claims.get('tid')) if several else config['tenant']}/v2.0"


def read(_config: Mapping[str, Any], claims: Any) -> Identity | None:
    identity = of_claims(claims)
    verified = claims.get("xms_edov") in (True, 1, "1", "true")
    return identity and replace(identity, email_verified=verified)
