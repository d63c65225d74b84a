"""Alarms for admins: once a minute it is looked whether there is one, and each is told once, by e-mail and webhook.

Every worker may look; one of them tells.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

from rules import alarms as rules
from rules.alarms import Alarm
from rules.tokens import new_id
from settings.alarms import CAP, CONVERSION, DELIVERY, language
from settings.console import Settings
from settings.webhooks import CAP_NEAR, CONVERSION_FELL, DELIVERY_FAILING
from storage import alarms, messages, webhook_events
from storage.database import Connection, Database
from storage.messages import OutgoingMessage

log = logging.getLogger("doorcode.alarms")

LOOK_EVERY = 60
QUIET = 6 * 3600  # seconds without it, after which the same is told anew
LIFE = 86400
EVENTS = {CONVERSION: CONVERSION_FELL, CAP: CAP_NEAR, DELIVERY: DELIVERY_FAILING}  # pumping: rules/guarding.py tells it


class Alarms:
    def __init__(self, database: Database, settings: Callable[[], Settings], clock: Callable[[], float]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._look_at = clock()

    def run_if_due(self) -> None:
        now = self._clock()
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY
            self.run()

    def run(self) -> None:
        settings, now = self._settings(), self._clock()
        with self._database.read() as connection:
            found = rules.due(connection, settings, now)
        for alarm in found:
            with self._database.write() as connection:
                if alarms.note(connection, alarm.kind, alarm.about, alarm.details, now, quiet=QUIET):
                    _tell(connection, settings, alarm, now)
                    log.warning("%s %s: %s", alarm.kind, alarm.about, dict(alarm.details))


def _tell(connection: Connection, settings: Settings, alarm: Alarm, now: float) -> None:
    if alarm.kind in EVENTS:
        about = {"period": alarm.about} if alarm.kind == CAP else {}
        webhook_events.tell(connection, EVENTS[alarm.kind], now, {**about, **alarm.details})
    if not settings.connectors.email:
        return
    for address in settings.alarms.emails:
        message = OutgoingMessage(
            id=new_id(),
            ticket_id=None,
            usage=alarm.kind,
            channel="email",
            recipient=address,
            country="",
            locale=language(settings.application.language),
            digits=0,
            charges=(),
            created_at=now,
            expires_at=now + LIFE,
            details=json.dumps({"about": alarm.about, **alarm.details}),
        )
        messages.add(connection, message)
