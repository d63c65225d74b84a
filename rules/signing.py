"""Which key signs, which are published, and what is believed: JSON Web Tokens with ES256 and RS256.

A key is published a day before it signs, and a month after: applications that keep the set for a while know each key
when they meet it, and an ID token can still be shown to us as a hint.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey, import_key

from rules.tokens import new_id
from storage import signing_keys
from storage.database import Database
from storage.sealing import seal, unseal
from storage.signing_keys import StoredKey

DAY = 86400
ALGORITHMS = ("ES256", "RS256")
RSA_BITS = 3072  # as strong as P-256 and AES-128 (NIST SP 800-57)
EVERY = 90 * DAY  # a new key
AHEAD = DAY
KEPT = 30 * DAY  # after the next one began to sign


class BadTokenError(Exception):
    """Not signed by us, or not for this use."""


def new_key(sealing_keys: Sequence[bytes], algorithm: str, now: float, signs_from: float) -> StoredKey:
    """Takes up to a second for RS256."""
    key_id = new_id()
    made = ECKey.generate_key("P-256") if algorithm == "ES256" else RSAKey.generate_key(RSA_BITS)
    private = json.dumps(made.as_dict(private=True))
    return StoredKey(key_id, algorithm, seal(sealing_keys, private, _place(key_id)), now, signs_from)


def _place(key_id: str) -> str:
    return f"signing_keys.{key_id}"


def signing(keys: Sequence[StoredKey], algorithm: str, now: float) -> StoredKey | None:
    """The newest whose time has come. The oldest where none has come: the clock that its time was read from was ahead.

    ``keys``: the newest first. None where there is none for the algorithm.
    """
    known = [key for key in keys if key.algorithm == algorithm]
    return next((key for key in known if key.signs_from <= now), known[-1] if known else None)


def is_due(keys: Sequence[StoredKey], algorithm: str, now: float) -> bool:
    """Whether a next key should be published."""
    newest = next((key for key in keys if key.algorithm == algorithm), None)
    return newest is None or newest.signs_from + EVERY - AHEAD <= now


def over(keys: Sequence[StoredKey], now: float) -> list[StoredKey]:
    """Those that a newer one replaced long ago."""
    found = []
    for algorithm in ALGORITHMS:
        signed = [key for key in keys if key.algorithm == algorithm and key.signs_from <= now]
        found += [old for new, old in pairwise(signed) if new.signs_from + KEPT < now]
    return found


def ensure(database: Database, sealing_keys: Sequence[bytes], now: float) -> list[StoredKey]:
    """All keys, with the first ones made, the next ones where it is time, and without those that are over.

    Two processes that do this at once make a key each: both are published, and the newest signs.
    """
    with database.read() as connection:
        keys = signing_keys.read_all(connection)
    due, ended = [algorithm for algorithm in ALGORITHMS if is_due(keys, algorithm, now)], over(keys, now)
    if not due and not ended:
        return keys
    first = {algorithm for algorithm in due if signing(keys, algorithm, now) is None}
    made = [new_key(sealing_keys, each, now, now if each in first else now + AHEAD) for each in due]
    with database.write() as connection:
        for key in made:
            signing_keys.add(connection, key)
        for key in ended:
            signing_keys.delete(connection, key.id)
        return signing_keys.read_all(connection)


@lru_cache(maxsize=64)
def _opened(sealing_keys: tuple[bytes, ...], key: StoredKey) -> Any:
    private = json.loads(unseal(sealing_keys, key.sealed, _place(key.id)))
    return import_key(private | {"kid": key.id, "use": "sig", "alg": key.algorithm})


def public_keys(sealing_keys: tuple[bytes, ...], keys: Sequence[StoredKey]) -> dict[str, Any]:
    """The JWK set for everybody: no private part."""
    return {"keys": [_opened(sealing_keys, key).as_dict(private=False) for key in keys]}


def sign(sealing_keys: tuple[bytes, ...], key: StoredKey, claims: dict[str, Any], token_type: str) -> str:
    """``token_type`` is the header's ``typ``: JWT, at+jwt (RFC 9068) or logout+jwt."""
    header = {"alg": key.algorithm, "kid": key.id, "typ": token_type}
    return jwt.encode(header, claims, _opened(sealing_keys, key), algorithms=[key.algorithm])


def read(sealing_keys: tuple[bytes, ...], keys: Sequence[StoredKey], token: str, token_type: str) -> dict[str, Any]:
    """The claims of a token that we signed for this use, its times not looked at. Raises BadTokenError.

    Only our own keys and our two algorithms count; whatever else the header names (``jwk``, ``jku``, none) is nothing.
    """
    if not keys or len(token) > 10_000:
        raise BadTokenError
    try:
        decoded = jwt.decode(token, KeySet([_opened(sealing_keys, key) for key in keys]), algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadTokenError from error
    if decoded.header.get("typ") != token_type:
        raise BadTokenError
    return dict(decoded.claims)
