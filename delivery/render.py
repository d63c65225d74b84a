"""A row of the outbox becomes a message: its code is derived and its text written only now."""

from __future__ import annotations

from uuid import uuid4

from connectors.contract import Message
from rules import codes
from rules.receipt_address import receipt_address
from settings.console import Settings
from settings.environment import Environment
from settings.keys import Keys, Use
from settings.templates import written
from storage.messages import OutboxRow


def render(
    row: OutboxRow, connector: str, settings: Settings, environment: Environment, keys: Keys, now: float
) -> Message:
    """The message of a row, as ``connector`` is to send it."""
    code = codes.derive(keys.all(Use.CODES)[0], row.id, row.recipient, row.digits)
    minutes = round((row.expires_at - row.created_at) / 60)
    return Message(
        id=row.id,
        to=row.recipient,
        text=text_of(settings, environment, row.usage, row.locale, code, minutes),
        usage=row.usage,
        locale=row.locale,
        life=max(1, int(row.expires_at - now)),
        code=code,
        application=settings.application.name,
        country=row.country,
        receipt_url=receipt_address(environment, keys, connector) if environment.secure else "",
        sent_at=int(now),
        nonce=str(uuid4()),
    )


def text_of(settings: Settings, environment: Environment, usage: str, locale: str, code: str, minutes: int) -> str:
    """The text of a message, in the person's language where there is one."""
    template = settings.templates.text(usage, locale, settings.application.language)
    values = {
        "code": code,
        "application": settings.application.name,
        "minutes": str(minutes),
        "host": environment.public_host,
        "link": environment.public_url,
    }
    return written(template, values, environment.public_host if environment.secure else "")
