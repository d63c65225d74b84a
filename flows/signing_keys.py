"""The keys that sign tokens.

ensure    there is a key for each algorithm, and the next one where it is time     -> the keys
rotate    a new key signs from now on
"""

from __future__ import annotations

from flows.services import Services
from rules import signing
from settings.keys import Use
from storage import audit, signing_keys
from storage.audit import Entry
from storage.signing_keys import StoredKey


def ensure(services: Services) -> list[StoredKey]:
    return signing.ensure(services.database, services.keys.all(Use.SEALING), services.clock())


def rotate(services: Services, author: str) -> list[StoredKey]:
    """The new keys. What the old ones signed stays good until it ends by itself."""
    now, sealing_keys = services.clock(), services.keys.all(Use.SEALING)
    made = [signing.new_key(sealing_keys, algorithm, now, now) for algorithm in signing.ALGORITHMS]
    with services.database.write() as connection:
        for key in made:
            signing_keys.add(connection, key)
        audit.add(connection, Entry(now, author, "signing_keys.rotated", {"keys": [key.id for key in made]}))
    return made
