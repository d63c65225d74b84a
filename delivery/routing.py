"""Which connector each claimed message goes to: the rules, fed with what happened so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rules import failover
from settings.console import Settings
from storage import circuits, messages
from storage.circuits import Circuit
from storage.database import Connection
from storage.messages import ClaimedMessage

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
        self._look(connection)
        options = {m.id: failover.candidates(settings.connectors, m.country, m.begun_with) for m in claimed}
        unclear = [m.id for m in claimed if len(options[m.id]) > 1 or m.interrupted]
        past = messages.history(connection, unclear) if unclear else []
        open_circuits = {name for name, circuit in self._circuits.items() if circuit.opened_at}
        trying = self._may_try(connection, open_circuits) if unclear else set()
        chosen = []
        for message in claimed:
            own = [row for row in past if row.id == message.id and row.own]
            name = failover.choose(
                options[message.id],
                tried=[row.connector for row in own if row.outcome != "calling"],
                unsure=next((row.connector for row in own if row.outcome == "calling"), None),
                earlier={row.connector for row in past if row.id == message.id and not row.own},
                open_circuits=open_circuits - trying,
            )
            trying.discard(name or "")  # one message tries
            chosen.append((message, name or ""))
        return chosen

    def _look(self, connection: Connection) -> None:
        if self._clock() - self._looked_at >= LOOK_EVERY:
            self._looked_at = self._clock()
            self._circuits = circuits.read_all(connection)

    def _may_try(self, connection: Connection, open_circuits: set[str]) -> set[str]:
        due = [name for name in open_circuits if (self._circuits[name].retry_at or 0) <= self._clock()]
        return {name for name in due if circuits.may_try(connection, name, self._clock())}

    def record(self, connection: Connection, connector: str, outcome: str, refusal: str | None) -> None:
        """What an attempt tells of its connector."""
        reason = refusal or outcome
        if reason in failover.OF_THE_CONNECTOR:
            circuits.failed(connection, connector, reason, self._clock())
            self._looked_at = float("-inf")  # look before the next message
        elif outcome == "accepted" and connector in self._circuits:
            circuits.succeeded(connection, connector)
            self._looked_at = float("-inf")
