"""Which connector each claimed message goes to: the rules, fed with what happened so far."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from rules import failover
from settings.console import Settings
from storage import circuits, messages
from storage.circuits import Circuit
from storage.database import Connection
from storage.messages import ClaimedMessage, PastAttempt

log = logging.getLogger("doorcode.delivery")

LOOK_EVERY = 1.0  # seconds


class Routing:
    """Knows which circuits were open a moment ago."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._circuits: dict[str, Circuit] = {}
        self._looked_at = float("-inf")

    def choose(
        self, connection: Connection, claimed: Sequence[ClaimedMessage], settings: Settings
    ) -> list[tuple[ClaimedMessage, str]]:
        """Each message with its connector's name, "" where there is none."""
        if self._clock() - self._looked_at >= LOOK_EVERY:
            self._look(connection)
        options = {m.id: self._options(m, settings) for m in claimed}
        several = [message_id for message_id, names in options.items() if len(names) > 1]
        past = messages.history(connection, several) if several else []
        due = {
            name for name, circuit in self._circuits.items() if circuit.retry_at and circuit.retry_at <= self._clock()
        }
        return [
            (m, self._pick(connection, options[m.id], [row for row in past if row.id == m.id], due)) for m in claimed
        ]

    def _options(self, message: ClaimedMessage, settings: Settings) -> list[str]:
        return failover.candidates(
            settings.connectors,
            message.channel,
            message.country,
            message.begun_with,
            interrupted=message.interrupted > 0,
        )

    def _pick(self, connection: Connection, options: Sequence[str], past: Sequence[PastAttempt], due: set[str]) -> str:
        """``due``: the open circuits that may let a message try; of each that is asked for, taken out."""
        tried = [row.connector for row in past if row.own and row.outcome != "calling"]
        earlier = {row.connector for row in past if not row.own}
        open_circuits = {name for name, circuit in self._circuits.items() if circuit.opened_at}
        while name := failover.choose(options, tried=tried, earlier=earlier, open_circuits=open_circuits - due):
            if name not in due:
                return name
            due.discard(name)
            if circuits.may_try(connection, name, self._clock()):
                return name
        return ""

    def _look(self, connection: Connection) -> None:
        before, self._circuits = self._circuits, circuits.read_all(connection)
        self._looked_at = self._clock()
        was_open, is_open = ({name for name, c in each.items() if c.opened_at} for each in (before, self._circuits))
        for name in is_open - was_open:
            log.warning("connector %s fails (%s): others come first", name, self._circuits[name].reason)
        for name in was_open - is_open:
            log.warning("connector %s works again", name)

    def record(self, connection: Connection, connector: str, outcome: str, refusal: str | None) -> None:
        """What an attempt tells of its connector."""
        reason = refusal or outcome
        if reason in failover.OF_THE_CONNECTOR:
            circuits.failed(connection, connector, reason, self._clock())
            self._look(connection)
        elif outcome == "accepted" and connector in self._circuits:
            circuits.succeeded(connection, connector)
            self._look(connection)
