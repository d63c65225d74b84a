"""What an application gets for an act that its person confirmed: a signed statement, which is good once.

sign     the statement
redeem   is it for this application, person and act, in time, and the first time?   -> its claims | refused
"""

from __future__ import annotations

from typing import Any

from flows.acts import Confirmed
from flows.outcomes import Refused
from flows.services import Services
from oidc import keys
from oidc.frame import acr_of, amr_of, issuer
from oidc.tokens import Access
from rules import acts
from rules.signing import BadTokenError
from rules.tokens import new_id
from storage import grants, spent_tokens
from storage.clients import Client
from storage.grants import Grant

TYPE = "act+jwt"
SECONDS = 300


def sign(services: Services, client: Client, grant: Grant, confirmed: Confirmed) -> str:
    now, shown = int(services.clock()), (confirmed.proof,)
    claims = {
        "iss": issuer(services),
        "sub": grant.subject,
        "aud": client.id,
        "iat": now,
        "exp": now + SECONDS,
        "jti": f"{grant.id}.{new_id()}",
        "act_hash": confirmed.act_hash,
        "amr": amr_of(shown),
        "acr": acr_of(shown),
    }
    return keys.sign(services, claims, client.settings.id_token_algorithm, TYPE)


def redeem(services: Services, client_id: str, subject: str, text: str, statement: str) -> dict[str, Any] | Refused:
    """Only what is right in all else is spent: a wrong question costs nothing."""
    try:
        told = keys.read(services, statement, TYPE, expired=True)
    except BadTokenError:
        return Refused("bad_statement")
    if told["aud"] != client_id:
        return Refused("bad_statement")
    if told["sub"] != subject:
        return Refused("other_person")
    if told["act_hash"] != acts.act_hash(text):
        return Refused("other_act")
    now, jti = services.clock(), str(told["jti"])
    with services.database.write() as connection:
        if now >= told["exp"] or grants.live(connection, jti.partition(".")[0], now) is None:
            return Refused("late_statement")
        if not spent_tokens.spend(connection, f"act:{jti}", float(told["exp"])):
            return Refused("used_statement")
    return told


def redeem_own(services: Services, access: Access, text: str, statement: str) -> dict[str, Any] | Refused:
    """By the application itself, for the person whose token it bears."""
    assert access.grant, "the Account API is for grants"
    return redeem(services, access.client.id, access.grant.subject, text, statement)
