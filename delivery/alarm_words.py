"""The words of an alarm's e-mail, from what its row in the outbox says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from babel import Locale
from babel.numbers import format_decimal

from settings.alarms import EMAILS, PERIODS
from settings.console import Settings
from settings.environment import Environment
from settings.templates import fill
from storage.messages import OutboxRow


@dataclass(frozen=True)
class Words:
    """``subject``: of an e-mail, "" for a text message."""

    text: str
    subject: str = ""


def alarm_words(row: OutboxRow, settings: Settings, environment: Environment) -> Words:
    locale = Locale.parse(row.locale)
    details: dict[str, Any] = json.loads(row.details)
    values = {
        name: format_decimal(value, locale=locale) if isinstance(value, int | float) else str(value)
        for name, value in details.items()
    }
    values |= {
        "application": settings.application.name,
        "link": f"{environment.public_url}/admin/guard",
        "country": locale.territories.get(details.get("country", ""), values.get("country", "")),
        "period": PERIODS[row.locale].get(details["about"], ""),
    }
    if "subject" in details:
        values["about"] = _subject(details["subject"], values["country"])
    if "usual" in details:
        values["usual"] = format_decimal(round(100 * details["usual"]), locale=locale)
    subject, body = EMAILS[row.locale][row.usage]
    return Words(fill(body, values), fill(subject, values))


def _subject(subject: str, country: str) -> str:
    kind, _colon, key = subject.partition(":")
    if kind.startswith("block"):
        return f"{key}{'•' * int(kind[5:])} ({country})"
    return country if kind in ("country", "elsewhere", "homes") else key
