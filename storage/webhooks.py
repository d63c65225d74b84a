"""The endpoints that hear of events: what is set of them, their secrets (sealed), and how they fare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from settings.webhooks import WebhookSettings
from storage.database import Connection


@dataclass(frozen=True)
class Endpoint:
    """``secrets``: sealed, the newest first. ``off_why``: admin, gone or failing."""

    id: str
    settings: WebhookSettings
    created_at: float
    secrets: tuple[str, ...] = field(repr=False)
    secret_at: float
    failing_since: float | None = None
    off_at: float | None = None
    off_why: str | None = None

    @property
    def place(self) -> str:
        """Where its secrets are sealed for."""
        return place_of(self.id)


def place_of(endpoint_id: str) -> str:
    return f"webhook {endpoint_id}"


ADD = text(
    """INSERT INTO webhook_endpoints (id, url, identifiers, created_at, secret, secret_at)
    VALUES (:id, :url, :identifiers, :now, :secret, :now)"""
)
SAVE = text("UPDATE webhook_endpoints SET url = :url, identifiers = :identifiers WHERE id = :id")
SUBSCRIBE = text("INSERT INTO webhook_subscriptions (type, endpoint_id) VALUES (:type, :id)")
UNSUBSCRIBE = text("DELETE FROM webhook_subscriptions WHERE endpoint_id = :id")
DELETE = text("DELETE FROM webhook_endpoints WHERE id = :id")
COLUMNS = "id, url, identifiers, created_at, secret, secret_at, old_secret, failing_since, off_at, off_why"
LIST = text(f"SELECT {COLUMNS} FROM webhook_endpoints ORDER BY created_at, id")  # noqa: S608 - constants
FIND = text(f"SELECT {COLUMNS} FROM webhook_endpoints WHERE id = :id")  # noqa: S608
SUBSCRIPTIONS = text("SELECT endpoint_id, type FROM webhook_subscriptions ORDER BY type")
OWN_SUBSCRIPTIONS = text("SELECT type FROM webhook_subscriptions WHERE endpoint_id = :id ORDER BY type")
COUNT = text("SELECT count(*) FROM webhook_endpoints")
# Only the newest turns into the old one: whoever looked at another one changes nothing.
ROTATE = text(
    """UPDATE webhook_endpoints SET old_secret = secret, secret = :secret, secret_at = :now
    WHERE id = :id AND secret = :newest"""
)
FORGET = text("UPDATE webhook_endpoints SET old_secret = NULL WHERE id = :id AND old_secret IS NOT NULL")
SWITCH_ON = text(
    """UPDATE webhook_endpoints SET off_at = NULL, off_why = NULL, failing_since = NULL
    WHERE id = :id AND off_at IS NOT NULL"""
)
SWITCH_OFF = text("UPDATE webhook_endpoints SET off_at = :now, off_why = :why WHERE id = :id AND off_at IS NULL")
SUCCEEDED = text("UPDATE webhook_endpoints SET failing_since = NULL WHERE id = :id AND failing_since IS NOT NULL")
FAILED = text("UPDATE webhook_endpoints SET failing_since = :now WHERE id = :id AND failing_since IS NULL")
OFF_BY_ITSELF = text("SELECT count(*) FROM webhook_endpoints WHERE off_why IN ('failing', 'gone')")


def add(connection: Connection, endpoint_id: str, settings: WebhookSettings, sealed: str, now: float) -> None:
    connection.execute(ADD, _row(endpoint_id, settings) | {"secret": sealed, "now": now})
    _subscribe(connection, endpoint_id, settings.events)


def save(connection: Connection, endpoint_id: str, settings: WebhookSettings) -> bool:
    """False where it is gone."""
    if connection.execute(SAVE, _row(endpoint_id, settings)).rowcount == 0:
        return False
    connection.execute(UNSUBSCRIBE, {"id": endpoint_id})
    _subscribe(connection, endpoint_id, settings.events)
    return True


def _row(endpoint_id: str, settings: WebhookSettings) -> dict[str, object]:
    return {"id": endpoint_id, "url": settings.url, "identifiers": settings.identifiers}


def _subscribe(connection: Connection, endpoint_id: str, events: Sequence[str]) -> None:
    connection.execute(SUBSCRIBE, [{"id": endpoint_id, "type": name} for name in events])


def delete(connection: Connection, endpoint_id: str) -> bool:
    """What was to be told to it is removed by the housekeeping."""
    return connection.execute(DELETE, {"id": endpoint_id}).rowcount == 1


def list_all(connection: Connection) -> list[Endpoint]:
    events = _events(connection)
    return [_endpoint(row._mapping, events.get(row.id, ())) for row in connection.execute(LIST)]


def find(connection: Connection, endpoint_id: str) -> Endpoint | None:
    row = connection.execute(FIND, {"id": endpoint_id}).one_or_none()
    if row is None:
        return None
    return _endpoint(row._mapping, tuple(connection.execute(OWN_SUBSCRIPTIONS, {"id": endpoint_id}).scalars()))


def _events(connection: Connection) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(SUBSCRIPTIONS):
        found[row.endpoint_id] = (*found.get(row.endpoint_id, ()), row.type)
    return found


def _endpoint(row: Any, events: tuple[str, ...]) -> Endpoint:
    values = dict(row)
    settings = WebhookSettings(values.pop("url"), events, values.pop("identifiers"))
    secrets = tuple(filter(None, (values.pop("secret"), values.pop("old_secret"))))
    return Endpoint(settings=settings, secrets=secrets, **values)


def count(connection: Connection) -> int:
    return int(connection.execute(COUNT).scalar_one())


def rotate(connection: Connection, endpoint: Endpoint, sealed: str, now: float) -> bool:
    """Put a new secret in front, and keep the newest one beside it. False where somebody was faster."""
    values = {"id": endpoint.id, "newest": endpoint.secrets[0], "secret": sealed, "now": now}
    return connection.execute(ROTATE, values).rowcount == 1


def forget_old_secret(connection: Connection, endpoint_id: str) -> bool:
    return connection.execute(FORGET, {"id": endpoint_id}).rowcount == 1


def switch_on(connection: Connection, endpoint_id: str) -> bool:
    """It hears what waits for it, and what happens from now on."""
    return connection.execute(SWITCH_ON, {"id": endpoint_id}).rowcount == 1


def switch_off(connection: Connection, endpoint_id: str, why: str, now: float) -> bool:
    """What waits for it goes on waiting. False where it is off already."""
    return connection.execute(SWITCH_OFF, {"id": endpoint_id, "why": why, "now": now}).rowcount == 1


def succeeded(connection: Connection, endpoint_id: str) -> None:
    connection.execute(SUCCEEDED, {"id": endpoint_id})


def failed(connection: Connection, endpoint_id: str, now: float) -> None:
    connection.execute(FAILED, {"id": endpoint_id, "now": now})


def count_off_by_itself(connection: Connection) -> int:
    """How many were switched off without an admin, and not on again since."""
    return int(connection.execute(OFF_BY_ITSELF).scalar_one())
