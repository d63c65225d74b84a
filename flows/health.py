"""Whether this process can serve people: it can where its database answers."""

from __future__ import annotations

from flows.services import Services
from storage import settings_versions
from storage.database import DATABASE_AWAY


def is_ready(services: Services) -> bool:
    try:
        with services.database.read() as connection:
            settings_versions.newest_id(connection)
    except DATABASE_AWAY:
        return False
    return True
