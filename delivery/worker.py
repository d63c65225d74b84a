"""From outbox to connector: claim, render, call, record. A thread of the web process, or a process of its own.

Any number of workers share the work; each holds what it claimed for as long as a lease. A worker that is killed
between call and record leaves an attempt without an end: its message is sent once more, and the log says so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from connectors.contract import Answer, Outcome, Refusal, refused
from connectors.registry import Connector
from delivery.housekeeping import Housekeeping
from delivery.render import render
from delivery.send import send
from rules.phones import masked
from rules.retries import next_attempt_at
from settings.console import Settings
from settings.environment import Environment
from settings.keys import Keys
from storage import counters, messages, wakeups
from storage.current_settings import CurrentSettings
from storage.database import DATABASE_AWAY, Database
from storage.messages import ClaimedMessage, Ending

log = logging.getLogger("doorcode.delivery")

CALLS_AT_ONCE = 8
LOOK_EVERY = 0.5  # seconds; for retries, dead leases, and messages of other processes on SQLite
KEPT_FROM_STRANGERS = ("wait:", "number:")  # see _refund


class Worker:
    def __init__(
        self,
        environment: Environment,
        database: Database,
        settings: CurrentSettings,
        connectors: Mapping[str, Connector],
        keys: Keys,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._environment = environment
        self._database = database
        self._settings = settings
        self._connectors = connectors
        self._keys = keys
        self._clock = clock
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._free = threading.Semaphore(CALLS_AT_ONCE)
        self._callers = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="doorcode-call")
        self._more_waits = False
        self._housekeeping = Housekeeping(database, clock)
        self._thread = threading.Thread(target=self.run, name="doorcode-delivery", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Take no more work; calls under way end and are recorded."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()
        self._callers.shutdown(wait=True)

    def run(self) -> None:
        """Work until :meth:`stop`."""
        with wakeups.listening(self._database, self.wake):
            while not self._stopping.is_set():
                try:
                    self._housekeeping.run_if_due()
                    self.work_off()
                except DATABASE_AWAY:
                    log.warning("the database is away; looking again in %s s", LOOK_EVERY)
                self._woken.wait(LOOK_EVERY)
                self._woken.clear()

    def work_off(self) -> None:
        """Claim as much as there are free callers, until nothing is waiting."""
        while not self._stopping.is_set() and (free := self._take_free_callers()):
            settings = self._settings()
            claimed = messages.claim(self._database, settings.connectors.active, self._clock(), most=free)
            for _ in range(free - len(claimed)):
                self._free.release()
            self._more_waits = len(claimed) == free
            for message in claimed:
                self._callers.submit(self._deliver, message, settings)
            if not self._more_waits:
                return

    def _take_free_callers(self) -> int:
        taken = 0
        while taken < CALLS_AT_ONCE and self._free.acquire(blocking=False):
            taken += 1
        return taken

    def _deliver(self, message: ClaimedMessage, settings: Settings) -> None:
        try:
            self._record(message, self._ending(message, settings), settings)
        except Exception:  # the lease runs out, and the message is taken up again
            log.exception("message %s could not be recorded", message.id)
        finally:
            self._free.release()
            if self._more_waits:
                self._woken.set()

    def _ending(self, message: ClaimedMessage, settings: Settings) -> Ending:
        now = self._clock()
        if message.expires_at <= now:
            return Ending("expired", "expired")
        if message.interrupted:
            log.warning("message %s: attempt %s never ended; it may have been sent", message.id, message.attempts - 1)
            if message.interrupted > 1:
                return Ending("unknown", "not_called")
            log.warning("message %s is sent again and may arrive twice", message.id)
        return self._understood(message, self._send(message, settings, now))

    def _send(self, message: ClaimedMessage, settings: Settings, now: float) -> Answer:
        connector = self._connectors.get(settings.connectors.active)
        if connector is None or (self._environment.production and not connector.production):
            return refused(Refusal.SENDER_OR_TEMPLATE, detail="no connector is set up")
        config = settings.connectors.configurations.get(connector.name, {})
        return send(connector, config, render(message, settings, self._environment, self._keys, now))

    def _understood(self, message: ClaimedMessage, answer: Answer) -> Ending:
        ending = Ending(answer.outcome, answer.outcome, answer.refusal, answer.provider_id, answer.code, answer.detail)
        if answer.outcome is Outcome.REFUSED and answer.refusal:
            due_at = next_attempt_at(
                answer.refusal, message.attempts, self._clock(), message.expires_at, answer.retry_after
            )
            if due_at:
                return replace(ending, state="queued", due_at=due_at)
        return ending

    def _record(self, message: ClaimedMessage, ending: Ending, settings: Settings) -> None:
        now = self._clock()
        with self._database.write() as connection:
            changed = messages.finish(connection, message, ending, now)
            if changed and ending.state in ("refused", "expired"):
                counters.lower_all(connection, _refund(message, settings), message.created_at)
        log.info(
            "message %s to %s: %s%s, attempt %s",
            message.id,
            masked(message.recipient),
            ending.state,
            f" ({ending.refusal} {ending.code})" if ending.refusal else "",
            message.attempts,
        )


def _refund(message: ClaimedMessage, settings: Settings) -> list[tuple[str, int, int]]:
    """What is given back for a message that was not sent.

    Where sign-up is off a stranger's message is never sent, so a member's wait must not be shorter than theirs when
    the provider fails: the wait would tell who has an account.
    """
    if settings.sign_up.enabled:
        return list(message.charges)
    return [charge for charge in message.charges if not charge[0].startswith(KEPT_FROM_STRANGERS)]
