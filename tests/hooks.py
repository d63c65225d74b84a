"""A receiver of webhooks: a real server, what it was told, and the published schema that all of it must fit."""

from __future__ import annotations

import json
import re
from typing import Any

from jsonschema import Draft202012Validator
from standardwebhooks import Webhook

from flows import webhooks
from flows.webhooks import Created
from settings.webhooks import NAMES
from tests.house.source import ROOT
from tests.kit import House, wait_until
from tests.provider import Provider, Seen

UNDELIVERED = """SELECT count(*) FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
    WHERE e.off_at IS NULL AND d.state = 'waiting' AND d.due_at <= :now"""


def add(house: House, provider: Provider, *events: str, identifiers: bool = False) -> Created:
    """An endpoint at the provider, for all events unless some are named."""
    values = {"url": f"{provider.url}/hooks", "events": events or NAMES, "identifiers": identifiers}
    created = webhooks.create(house.services, "test", values)
    assert isinstance(created, Created), created
    return created


def tell(house: House) -> None:
    """Let the worker deliver all that is due now, and wait until it has."""

    def over() -> bool:
        house.worker.webhooks.work_off()
        return house.worker.webhooks.at_rest and house.sql(UNDELIVERED, now=house.clock())[0][0] == 0

    wait_until(over, seconds=30)


def bodies(provider: Provider) -> list[dict[str, Any]]:
    return [json.loads(seen.body) for seen in provider.requests]


def types(provider: Provider) -> list[str]:
    return [body["type"] for body in bodies(provider)]


def verified(seen: Seen, secret: str) -> dict[str, Any]:
    """As the public library reads it: it raises for a wrong signature."""
    found: dict[str, Any] = Webhook(secret).verify(seen.body, dict(seen.headers))
    return found


def schema() -> Draft202012Validator:
    """Of docs/webhooks.md."""
    found = re.search(r"```json\n(.*?)```", (ROOT / "docs/webhooks.md").read_text(), re.S)
    assert found
    Draft202012Validator.check_schema(parsed := json.loads(found[1]))
    return Draft202012Validator(parsed)
