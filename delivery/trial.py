"""What an admin asks for: a test message at once, and the messages that the development connector keeps to itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.contract import Answer, Message
from connectors.registry import Connector
from delivery.render import render
from delivery.send import send
from delivery.texts import text_of
from rules.tokens import new_id
from settings.console import Settings
from settings.environment import Environment
from settings.keys import Keys
from storage import messages
from storage.database import Database

CODE = "000000"  # opens nothing
MINUTES = 10
SHOWN = 50


def send_test(
    connector: Connector, config: Mapping[str, Any], number: str, locale: str, settings: Settings, now: float
) -> Answer:
    """Send one message of the generic kind with the given, perhaps unsaved, configuration, and wait for the answer."""
    name = settings.application.name
    message = Message(
        id=new_id(),
        to=number,
        text=text_of("generic", locale, code=CODE, application=name, minutes=MINUTES, host=""),
        usage="generic",
        locale=locale,
        life=MINUTES * 60,
        code=CODE,
        application=name,
        sent_at=int(now),
    )
    return send(connector, config, message)


def shown(
    database: Database, settings: Settings, environment: Environment, keys: Keys, now: float
) -> list[tuple[Message, float]]:
    """What the development connector took, rendered anew, and when each was asked for. No code is stored for it."""
    with database.read() as connection:
        rows = messages.newest(connection, most=SHOWN)
    return [
        (render(row, settings, environment, keys, now), row.created_at)
        for row in rows
        if row.connector == "development" and row.state == "accepted"
    ]
