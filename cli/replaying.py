"""The guard over a stream of traffic, with the stream's clock."""

from __future__ import annotations

import importlib
import signal
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from cli.traffic import VERIFIED, Event, event_of
from rules import risk, risk_evidence
from rules.addresses import limit_key
from rules.risk_levels import ALLOW, CHALLENGE, DAY
from rules.risk_reading import Asked
from storage import guard, pruning
from storage.database import Connection, open_database
from storage.guard import Record

ALL = 2**62  # rows


class Replay:
    """``solves``: who gets past a challenge, by the request; who is not in it does. The records are in memory."""

    def __init__(self, solves: dict[int | str, bool]) -> None:
        self._solves = solves
        self._records: dict[str, Record] = {}
        self._sent: dict[int | str, tuple[str, float]] = {}
        self._pruned_at = 0.0

    def take(self, event: Event) -> risk.Verdict | None:
        """The decision about a request; None for a proof, which counts only where something was sent."""
        if event.at >= self._pruned_at + DAY:
            self.prune(event.at)
        if event.kind == VERIFIED:
            self._prove(event)
            return None
        return self._decide(event)

    def _decide(self, event: Event) -> risk.Verdict:
        """Who asks from no address that is told, asks from one of the number's own."""
        asked = Asked(event.phone, event.country, limit_key(event.address) if event.address else event.phone)
        records = self.load(asked.keys.values())
        verdict = risk.judge(asked, records, event.at)
        if verdict.decision == ALLOW or (verdict.decision == CHALLENGE and self._solves.get(event.id, True)):
            self.save(risk_evidence.count_sent(asked, records, event.at))
            self._sent[event.id] = (asked.keys["number"], event.at)
        elif risk.holds(verdict):
            self.save([risk.held(verdict, records, event.at)])
        return verdict

    def _prove(self, event: Event) -> None:
        key, _at = self._sent.pop(event.id, ("", 0.0))
        if key:
            number = self.load([key])[key]
            records = self.load(risk_evidence.keys_of_note(number))
            self.save(risk_evidence.count_proved(number, records, event.at))

    def prune(self, now: float) -> None:
        """Forget what the guard would have, and the codes that nobody can type any more."""
        self._records = {key: record for key, record in self._records.items() if record.expires_at >= now}
        self._sent = {found: sent for found, sent in self._sent.items() if sent[1] > now - DAY}
        self._pruned_at = now

    def load(self, keys: Iterable[str]) -> dict[str, Record]:
        return {key: self._records.get(key) or Record(key) for key in keys}

    def save(self, changed: list[Record]) -> None:
        self._records |= {record.key: record for record in changed}

    def __len__(self) -> int:
        """How many records there are."""
        return len(self._records)


class DiskReplay(Replay):
    """The same with the records in a database, so that memory does not grow with the file."""

    def __init__(self, solves: dict[int | str, bool], connection: Connection) -> None:
        super().__init__(solves)
        self._connection = connection

    def load(self, keys: Iterable[str]) -> dict[str, Record]:
        return guard.load(self._connection, keys)

    def save(self, changed: list[Record]) -> None:
        guard.save(self._connection, changed)

    def prune(self, now: float) -> None:
        super().prune(now)
        pruning.remove(self._connection, "guard_evidence", now, most=ALL)


@contextmanager
def on_disk(solves: dict[int | str, bool]) -> Iterator[DiskReplay]:
    """A replay in a database of its own, which is gone at the end, also where that comes by a signal."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        with tempfile.TemporaryDirectory() as folder:
            database = open_database(f"sqlite:///{folder}/replay.db")
            # By its name, as nothing else here needs tables: a server spares 3 MB.
            tables = importlib.import_module("storage.guard_tables")
            tables.metadata.create_all(database.engine, [tables.guard_evidence])
            with database.write() as connection:
                yield DiskReplay(solves, connection)
            database.engine.dispose()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def replayed(lines: Iterable[dict[str, Any]], solves: dict[Any, bool]) -> list[tuple[Any, risk.Verdict]]:
    """All decisions about a stream."""
    past = Replay(solves)
    decided = ((event.id, past.take(event)) for event in map(event_of, lines))
    return [(found, verdict) for found, verdict in decided if verdict]
