"""A row of the outbox becomes a message: its code is derived and its text written only now."""

from __future__ import annotations

from connectors.contract import Message
from delivery.texts import text_of
from rules import codes
from settings.console import Settings
from settings.environment import Environment
from settings.keys import Keys, Use
from storage.messages import OutboxRow


def render(row: OutboxRow, settings: Settings, environment: Environment, keys: Keys, now: float) -> Message:
    code = codes.derive(keys.all(Use.CODES)[0], row.id, row.recipient, row.digits)
    text = text_of(
        row.usage,
        row.locale,
        code=code,
        application=settings.application.name,
        minutes=round((row.expires_at - row.created_at) / 60),
        host=environment.public_host if environment.secure else "",
    )
    return Message(
        id=row.id,
        to=row.recipient,
        text=text,
        usage=row.usage,
        locale=row.locale,
        life=max(1, int(row.expires_at - now)),
        code=code,
        application=settings.application.name,
        sent_at=int(now),
    )
