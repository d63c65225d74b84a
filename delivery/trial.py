"""What an admin asks for: a test message at once, and the messages that the development connector keeps to itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from connectors.contract import EMAIL, SMS, Answer, Message
from connectors.registry import Connector
from delivery.render import render, words_of
from delivery.send import send
from rules.tokens import new_id
from settings.console import Settings
from settings.environment import Environment
from settings.keys import Keys
from storage import messages
from storage.database import Database

CODE = "000000"  # opens nothing
MINUTES = 10
SHOWN = 50


@dataclass(frozen=True)
class Recipient:
    """The admin's own phone or mailbox: a number in E.164, or an address."""

    to: str
    country: str
    locale: str


def send_test(
    connector: Connector,
    config: Mapping[str, Any],
    recipient: Recipient,
    settings: Settings,
    environment: Environment,
    now: float,
) -> Answer:
    """Send one message of the generic kind with the given, perhaps unsaved, configuration, and wait for the answer."""
    channel = EMAIL if "@" in recipient.to else SMS
    words = words_of(settings, environment, channel, "generic", recipient.locale, CODE, MINUTES)
    message = Message(
        id=new_id(),
        to=recipient.to,
        text=words.text,
        subject=words.subject,
        usage="generic",
        locale=recipient.locale,
        life=MINUTES * 60,
        code=CODE,
        application=settings.application.name,
        country=recipient.country,
        sent_at=int(now),
        nonce=str(uuid4()),
    )
    return send(connector, config, message, private=environment.private_addresses)


def shown(
    database: Database, settings: Settings, environment: Environment, keys: Keys, now: float
) -> list[tuple[Message, float]]:
    """What the development connector took, rendered anew, and when each was asked for. No code is stored for it."""
    with database.read() as connection:
        rows = messages.newest(connection, most=SHOWN)
    return [
        (render(row, "development", settings, environment, keys, now), row.created_at)
        for row in rows
        if row.connector == "development" and row.state == "accepted"
    ]
