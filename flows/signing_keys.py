"""The keys that sign tokens.

ensure    there is a key for each algorithm, and the next one where it is time     -> the keys
rotate    new keys, which sign once applications know them, or at once
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


def rotate(services: Services, author: str, *, at_once: bool = False) -> list[StoredKey]:
    """The new keys. What the old ones signed stays good until it ends by itself.

    ``at_once``: an application that keeps the published set for a while refuses what they sign until it looks again.
    """
    now, sealing_keys = services.clock(), services.keys.all(Use.SEALING)
    signs_from = now if at_once else now + signing.AHEAD
    made = [signing.new_key(sealing_keys, algorithm, now, signs_from) for algorithm in signing.ALGORITHMS]
    with services.database.write() as connection:
        for key in made:
            signing_keys.add(connection, key)
        audit.add(connection, Entry(now, author, "signing_keys.rotated", {"keys": [key.id for key in made]}))
    return made
