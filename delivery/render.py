"""A row of the outbox becomes a message: its code is derived and its words written only now."""

from __future__ import annotations

import json
from uuid import uuid4

from connectors.contract import Message
from delivery.alarm_words import Words, alarm_words
from rules import codes, inviting
from rules.receipt_address import receipt_address
from settings.alarms import KINDS as ALARMS
from settings.console import Settings
from settings.environment import Environment
from settings.keys import Keys, Use
from settings.templates import MORE_VARIABLES, fill, written
from storage.messages import OutboxRow


def render(
    row: OutboxRow, connector: str, settings: Settings, environment: Environment, keys: Keys, now: float
) -> Message:
    """The message of a row, as ``connector`` is to send it."""
    code = codes.derive(keys.all(Use.CODES)[0], row.id, row.recipient, row.digits) if row.digits else ""
    minutes = round((row.expires_at - row.created_at) / 60)
    link = environment.public_url
    details = details_of(row)
    if row.usage == inviting.USAGE:
        link += f"/i/{inviting.secret(keys.all(Use.INVITATIONS)[0], row.id)}"
    if row.usage in ALARMS:
        words = alarm_words(row, settings, environment)
    else:
        more = details | {"link": link}
        words = words_of(settings, environment, row.channel, row.usage, row.locale, code, minutes, row.top_host, **more)
    return Message(
        id=row.id,
        to=row.recipient,
        text=words.text,
        subject=words.subject,
        usage=row.usage,
        locale=row.locale,
        life=max(1, int(row.expires_at - now)),
        code=code,
        application=settings.application.name,
        country=row.country,
        receipt_url=receipt_address(environment, keys, connector) if environment.secure else "",
        sent_at=int(now),
        nonce=str(uuid4()),
        act=details.get("act", ""),
    )


def details_of(row: OutboxRow) -> dict[str, str]:
    """What the words of its usage need of their own: the act that a code confirms, the organisation that invites."""
    names = MORE_VARIABLES.get(row.usage, ())
    found = json.loads(row.details) if names and row.details else {}
    return {name: str(found.get(name, "")) for name in names}


def words_of(
    settings: Settings,
    environment: Environment,
    channel: str,
    usage: str,
    locale: str,
    code: str,
    minutes: int,
    top_host: str = "",
    **more: str,
) -> Words:
    """The words of a message, in the person's language where there are some. A notice has no code.

    ``more``: values of variables that not every usage has, and ``link`` where it leads further than to our first page.
    """
    values = {
        "code": code,
        "application": settings.application.name,
        "minutes": str(minutes),
        "host": environment.public_host,
        "link": environment.public_url,
    } | more
    if channel == "email":
        email = settings.email_templates.email(usage, locale, settings.application.language)
        return Words(fill(email.body, values), fill(email.subject, values))
    template = settings.templates.text(usage, locale, settings.application.language)
    host = environment.public_host if code and environment.secure else ""
    return Words(written(template, values, host, top_host))
