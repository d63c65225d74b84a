"""What happened, written down for each endpoint that hears of it, in the transaction of the act itself.

Whatever is in an account's own events (storage/events.py) comes by itself; the functions here are for the rest.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from settings.webhooks import GOES_ALONG, MESSAGE_FAILED, OF_ACCOUNT, TEST
from storage.database import Connection

# Numbers and addresses are written only for those who asked for them.
TELL = """INSERT INTO webhook_deliveries (event_id, endpoint_id, type, account_id, at, data, state, due_at, attempts)
    SELECT :event_id, e.id, :type, :account_id, :at, CASE WHEN e.identifiers THEN :whole ELSE :data END,
    'waiting', :at, 0 FROM webhook_endpoints e {which} AND e.off_at IS NULL"""
TELL_ALL = text(TELL.format(which="JOIN webhook_subscriptions s ON s.endpoint_id = e.id WHERE s.type = :type"))
TELL_ONE = text(TELL.format(which="WHERE e.id = :endpoint_id"))
ANY = text(
    """SELECT 1 FROM webhook_subscriptions s JOIN webhook_endpoints e ON e.id = s.endpoint_id
    WHERE s.type = :type AND e.off_at IS NULL LIMIT 1"""
)


def tell(
    connection: Connection,
    kind: str,
    at: float,
    data: Mapping[str, Any],
    *,
    account_id: str | None = None,
    identifier: Mapping[str, str] | None = None,
) -> None:
    """``kind``: one of settings.webhooks.NAMES. ``identifier``: what only goes where it was asked for."""
    connection.execute(TELL_ALL, _values(kind, at, data, account_id, identifier or {}))


def _values(
    kind: str, at: float, data: Mapping[str, Any], account_id: str | None, identifier: Mapping[str, str]
) -> dict[str, Any]:
    account = {"account_id": account_id} if account_id else {}
    return {
        "event_id": f"msg_{secrets.token_hex(16)}",
        "type": kind,
        "account_id": account_id,
        "at": at,
        "data": json.dumps({**account, **data}),
        "whole": json.dumps({**account, **data, **identifier}),
    }


def of_account(
    connection: Connection, account_id: str, kind: str, at: float, details: Mapping[str, Any], value: str
) -> None:
    """An account's own event; ``value``: the number or address that it is about, "" for none."""
    if kind not in OF_ACCOUNT:
        return
    name, data = OF_ACCOUNT[kind]
    along = {each: details[each] for each in GOES_ALONG if each in details}
    identifier = {name.partition(".")[0]: value} if value else {}
    tell(connection, name, at, {**along, **data}, account_id=account_id, identifier=identifier)


def message_failed(
    connection: Connection, message: Any, *, state: str, reason: str | None, connector: str, at: float
) -> None:
    """``message``: a row of the outbox, with id, usage, channel, country and recipient. ``state``: refused, expired or
    undelivered."""
    data = {name: getattr(message, name) for name in ("usage", "channel", "country")}
    data |= {"message_id": message.id, "state": state, "reason": reason, "connector": connector}
    identifier = {"email" if "@" in message.recipient else "phone": message.recipient}
    tell(connection, MESSAGE_FAILED, at, data, identifier=identifier)


def test(connection: Connection, endpoint_id: str, at: float) -> bool:
    """An event for one endpoint, to try it. False where it is off or gone."""
    values = _values(TEST, at, {}, None, {}) | {"endpoint_id": endpoint_id}
    return connection.execute(TELL_ONE, values).rowcount == 1


def is_heard(connection: Connection, kind: str) -> bool:
    """Whether anybody hears of such events."""
    return connection.execute(ANY, {"type": kind}).first() is not None
