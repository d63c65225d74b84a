"""The endpoints that hear of events, for admins.

list_all            all of them
find                one
create              a new one, with its secret, which is shown once      -> created | refused, with a problem a field
save                another address or other events                     -> done | refused, with a problem a field
rotate_secret       another secret beside the one before; both sign      -> created | refused
forget_old_secret   only the newest signs
switch              on or off
test                an event for it alone, to try it
delete              it, and all that was to be told to it
deliveries          what it was told, the newest first
find_delivery       one of them, with what was sent and answered
send_again          one that is over, with the same id
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flows import cursors
from flows.outcomes import Done, Refused
from flows.services import Services
from rules import webhooks as rules
from rules.tokens import is_id, new_id
from settings.fields import N_, Problem
from settings.keys import Use
from settings.webhooks import WebhookSettings, read_webhook
from storage import audit, sealing, webhook_deliveries, webhook_events, webhooks
from storage.audit import Entry
from storage.database import Connection
from storage.webhook_deliveries import Delivery
from storage.webhooks import Endpoint

SHOWN = 20
NO_WEBHOOK = "no_such_webhook"


@dataclass(frozen=True)
class Created:
    endpoint_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class FoundDelivery:
    """``body``: what is sent, the same at each try. A new signature is made each time."""

    delivery: Delivery
    endpoint: Endpoint
    body: str


def list_all(services: Services) -> list[Endpoint]:
    with services.database.read() as connection:
        return webhooks.list_all(connection)


def find(services: Services, endpoint_id: str) -> Endpoint | None:
    if not is_id(endpoint_id):
        return None
    with services.database.read() as connection:
        return webhooks.find(connection, endpoint_id)


def create(services: Services, author: str, values: Mapping[str, Any]) -> Created | Refused:
    settings = _read(services, values)
    if isinstance(settings, Refused):
        return settings
    endpoint_id, secret, now = new_id(), rules.new_secret(), services.clock()
    with services.database.write() as connection:
        if webhooks.count(connection) >= rules.MOST:
            return Refused("invalid", values={"url": Problem(N_("There are %(most)s already."), {"most": rules.MOST})})
        webhooks.add(connection, endpoint_id, settings, _sealed(services, endpoint_id, secret), now)
        _note(services, connection, author, "webhook.created", endpoint_id, address=_address(settings))
    return Created(endpoint_id, secret)


def save(services: Services, author: str, endpoint: Endpoint, values: Mapping[str, Any]) -> Done | Refused:
    settings = _read(services, values)
    if isinstance(settings, Refused):
        return settings
    if settings == endpoint.settings:
        return Done()
    before, after = vars(endpoint.settings), vars(settings)
    changed = sorted(name for name in after if after[name] != before[name])
    with services.database.write() as connection:
        if not webhooks.save(connection, endpoint.id, settings):
            return Refused(NO_WEBHOOK)
        _note(services, connection, author, "webhook.saved", endpoint.id, changed=changed, address=_address(settings))
    return Done()


def rotate_secret(services: Services, author: str, endpoint: Endpoint) -> Created | Refused:
    secret = rules.new_secret()
    with services.database.write() as connection:
        if not webhooks.rotate(connection, endpoint, _sealed(services, endpoint.id, secret), services.clock()):
            return Refused(NO_WEBHOOK)
        _note(services, connection, author, "webhook.secret_rotated", endpoint.id)
    return Created(endpoint.id, secret)


def forget_old_secret(services: Services, author: str, endpoint: Endpoint) -> None:
    with services.database.write() as connection:
        if webhooks.forget_old_secret(connection, endpoint.id):
            _note(services, connection, author, "webhook.old_secret_removed", endpoint.id)


def switch(services: Services, author: str, endpoint: Endpoint, *, on: bool) -> None:
    """What waits goes on waiting while it is off. What happens meanwhile it never hears of."""
    with services.database.write() as connection:
        if on and webhooks.switch_on(connection, endpoint.id):
            _note(services, connection, author, "webhook.switched_on", endpoint.id)
        elif not on and webhooks.switch_off(connection, endpoint.id, "admin", services.clock()):
            _note(services, connection, author, "webhook.switched_off", endpoint.id, why="admin")
    services.wake_delivery()


def test(services: Services, endpoint: Endpoint) -> bool:
    """False where it is off."""
    with services.database.write() as connection:
        told = webhook_events.test(connection, endpoint.id, services.clock())
    services.wake_delivery()
    return told


def delete(services: Services, author: str, endpoint: Endpoint) -> None:
    with services.database.write() as connection:
        if webhooks.delete(connection, endpoint.id):
            address = _address(endpoint.settings)
            _note(services, connection, author, "webhook.deleted", endpoint.id, address=address)


def deliveries(services: Services, endpoint: Endpoint, *, before: int) -> tuple[list[Delivery], Delivery | None]:
    """A page of them, and the one after which the list goes on."""
    with services.database.read() as connection:
        return cursors.page(webhook_deliveries.newest(connection, endpoint.id, before=before, most=SHOWN + 1), SHOWN)


def find_delivery(services: Services, delivery_id: int) -> FoundDelivery | None:
    with services.database.read() as connection:
        found = webhook_deliveries.find(connection, delivery_id)
        endpoint = webhooks.find(connection, found.endpoint_id) if found else None
    if found is None or endpoint is None:
        return None
    return FoundDelivery(found, endpoint, rules.body(found.type, found.at, found.data).decode())


def send_again(services: Services, author: str, found: FoundDelivery) -> None:
    with services.database.write() as connection:
        if webhook_deliveries.send_again(connection, found.delivery.id, services.clock()):
            event = found.delivery.event_id
            _note(services, connection, author, "webhook.sent_again", found.endpoint.id, event=event)
    services.wake_delivery()


def _read(services: Services, values: Mapping[str, Any]) -> WebhookSettings | Refused:
    settings, problems = read_webhook(values)
    if settings:
        wrong = rules.problem_of_url(settings.url, private=services.environment.private_addresses)
        problems |= {"url": wrong} if wrong else {}
    return Refused("invalid", values=dict(problems)) if settings is None or problems else settings


def _sealed(services: Services, endpoint_id: str, secret: str) -> str:
    return sealing.seal(services.keys.all(Use.SEALING), secret, webhooks.place_of(endpoint_id))


def _address(settings: WebhookSettings) -> str:
    """Without its query, where receivers keep secrets of their own."""
    parts = urlsplit(settings.url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _note(
    services: Services, connection: Connection, author: str, action: str, endpoint_id: str, **details: object
) -> None:
    audit.add(connection, Entry(services.clock(), author, action, {"webhook": endpoint_id} | details))
