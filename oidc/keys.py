"""Signing and reading our own tokens, with the keys that are in the database now."""

from __future__ import annotations

from typing import Any

from flows import signing_keys as flow
from flows.services import Services
from rules import signing
from rules.signing import BadTokenError
from settings.keys import Use
from storage import signing_keys

ACCESS_TOKEN, ID_TOKEN = "at+jwt", "JWT"


def sign(services: Services, claims: dict[str, Any], algorithm: str, token_type: str) -> str:
    now = services.clock()
    with services.database.read() as connection:
        keys = signing_keys.read_all(connection)
    key = signing.signing(keys, algorithm, now) or signing.signing(flow.ensure(services), algorithm, now)
    assert key, "there is one for each algorithm now"
    return signing.sign(services.keys.all(Use.SEALING), key, claims, token_type)


def read(services: Services, token: str, token_type: str, *, expired: bool = False) -> dict[str, Any]:
    """The claims of a token of ours. ``expired``: also of one whose time is over. Raises BadTokenError."""
    with services.database.read() as connection:
        keys = signing_keys.read_all(connection)
    claims = signing.read(services.keys.all(Use.SEALING), keys, token, token_type)
    if claims.get("iss") != services.environment.public_url:
        raise BadTokenError
    # When it was signed is not looked at: another machine of ours may have a clock that is ahead.
    if not expired and services.clock() >= float(claims.get("exp", 0)):
        raise BadTokenError
    return claims


def public(services: Services) -> dict[str, Any]:
    with services.database.read() as connection:
        return signing.public_keys(services.keys.all(Use.SEALING), signing_keys.read_all(connection))
