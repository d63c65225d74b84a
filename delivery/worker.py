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
from contextlib import suppress
from dataclasses import replace

from connectors.contract import Answer, Outcome, Refusal, refused
from connectors.registry import Connector
from delivery import receipts
from delivery.alarms import Alarms
from delivery.faults import described
from delivery.housekeeping import Housekeeping
from delivery.invitations import InvitationFiles
from delivery.key_rotation import KeyRotation
from delivery.learning import Learning
from delivery.logout import LogoutNotices
from delivery.render import render
from delivery.routing import Routing
from delivery.send import send
from delivery.webhooks import Webhooks
from rules import guarding
from rules.failover import FINAL, candidates
from rules.recipients import masked
from rules.refunds import given_back
from rules.retries import next_attempt_at
from settings.console import Settings
from settings.environment import Environment
from settings.keys import Keys
from storage import counters, messages, webhook_events
from storage.current_settings import CurrentSettings
from storage.database import DATABASE_AWAY, Database
from storage.messages import ClaimedMessage, Ending

log = logging.getLogger("doorcode.delivery")

CALLS_AT_ONCE = 16  # with a provider that answers in 200 ms, 80 messages a second at most
LOOK_EVERY = 0.5  # seconds; for retries, dead leases, and messages of processes that died
RECORD_SECONDS = 15  # until the end of a call must be written; with the call itself less than a lease
PAUSE = 1.0  # seconds after an error that nobody foresaw
NOT_SENT = ("refused", "expired")
SWITCHED_OFF = "switched_off"


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
        self._expected = False
        self._rest_due_at = 0.0
        self._routing = Routing(clock)
        self._housekeeping = Housekeeping(database, settings, clock)
        self.alarms = Alarms(database, settings, clock)
        self.learning = Learning(database, clock)
        self._key_rotation = KeyRotation(database, keys, clock)
        self.logout_notices = LogoutNotices(environment, database, keys, clock)
        self.webhooks = Webhooks(environment, database, keys, clock)
        self.invitation_files = InvitationFiles(database, settings, keys, clock)
        self._thread = threading.Thread(target=self.run, name="doorcode-delivery", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """This process has just written a message."""
        self._expected = True
        self._woken.set()

    def stop(self) -> None:
        """Take no more work; calls under way end and are recorded."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()
        self._callers.shutdown(wait=True)
        self.logout_notices.stop()
        self.webhooks.stop()

    def run(self) -> None:
        """Work until :meth:`stop`."""
        while not self._stopping.is_set():
            try:
                self.work_off()
                self._do_the_rest_if_due()
            except DATABASE_AWAY:
                log.warning("the database is away; looking again in %s s", LOOK_EVERY)
            except Exception as error:  # a worker that ended would leave every message waiting
                log.error("the worker goes on in %s s after %s", PAUSE, described(error))
                self._stopping.wait(PAUSE)
            self._woken.wait(LOOK_EVERY)
            self._woken.clear()
        with suppress(*DATABASE_AWAY):
            self.learning.run()  # what it has counted stands nowhere else

    def _do_the_rest_if_due(self) -> None:
        """All that is no message: however many wake the worker, this is looked at now and then."""
        if time.monotonic() < self._rest_due_at:
            return
        self._rest_due_at = time.monotonic() + LOOK_EVERY
        chores = [self._housekeeping.run_if_due, self._key_rotation.run_if_due, self.alarms.run_if_due]
        chores += [self.learning.run, self.logout_notices.run_if_due, self.webhooks.work_off, self._invite]
        for chore in chores:
            self._do(chore)

    def _do(self, chore: Callable[[], None]) -> None:
        """One that fails keeps no other from being done."""
        try:
            chore()
        except DATABASE_AWAY:
            raise
        except Exception as error:
            log.error("a chore of the worker failed: %s", described(error))
            self._rest_due_at = time.monotonic() + PAUSE

    def _invite(self) -> None:
        if self.invitation_files.work_off():  # more of it at once, once its messages are sent
            self._rest_due_at = 0
            self._expected = True
            self._woken.set()

    def work_off(self) -> None:
        """Claim as much as there are free callers, until nothing is waiting."""
        while not self._stopping.is_set() and (free := self._take_free_callers()):
            settings = self._settings()
            claimed: list[tuple[ClaimedMessage, str]] = []
            try:
                claimed = self._claim(settings, free)
            finally:  # also where the database is away
                if free > len(claimed):
                    self._free.release(free - len(claimed))
            self._more_waits = len(claimed) == free
            for message, connector in claimed:
                self._callers.submit(self._deliver, message, connector, settings)
            if not self._more_waits:
                return

    def _claim(self, settings: Settings, most: int) -> list[tuple[ClaimedMessage, str]]:
        """Messages that are due, each with its connector. Where none is expected: one cheap read."""
        now = self._clock()
        expected, self._expected = self._expected, False
        if not expected:
            with self._database.read() as connection:
                if not messages.any_waiting(connection, now):
                    return []
        with self._database.write() as connection:
            claimed = messages.claim(connection, now, most=most)
            chosen = self._routing.choose(connection, claimed, settings)
            messages.begin(connection, chosen, now)
        return chosen

    def _take_free_callers(self) -> int:
        taken = 0
        while taken < CALLS_AT_ONCE and self._free.acquire(blocking=False):
            taken += 1
        return taken

    def _deliver(self, message: ClaimedMessage, connector: str, settings: Settings) -> None:
        try:
            self._record_in_time(message, self._ending(message, connector, settings), settings)
        except Exception as error:  # the lease runs out, and the message is taken up again
            log.error("message %s could not be recorded: %s", message.id, described(error))
        finally:
            self._free.release()
            if self._more_waits:
                self._woken.set()

    def _ending(self, message: ClaimedMessage, connector: str, settings: Settings) -> Ending:
        """What becomes of the message. Where an earlier attempt never ended, nobody knows that it was not sent."""
        ending = self._attempt(message, connector, settings)
        if message.interrupted and ending.state in NOT_SENT:
            return replace(ending, state="unknown")
        return ending

    def _attempt(self, message: ClaimedMessage, connector: str, settings: Settings) -> Ending:
        now = self._clock()
        if message.expires_at <= now:
            return Ending("expired", "expired", connector)
        if message.channel == "sms" and not settings.guard.sms:
            return Ending("refused", SWITCHED_OFF, refusal=SWITCHED_OFF)
        if message.interrupted:
            log.warning("message %s: an attempt never ended; it may have been sent", message.id)
            if message.interrupted > 1:
                return Ending("unknown", "not_called", connector)
            log.warning("message %s is sent again and may arrive twice", message.id)
        answer = self._send(message, connector, settings, now)
        return self._understood(message, connector, answer, settings)

    def _send(self, message: ClaimedMessage, name: str, settings: Settings, now: float) -> Answer:
        connector = self._connectors.get(name)
        config = settings.connectors.configurations.get(name)
        if connector is None or config is None or (self._environment.production and not connector.production):
            return refused(Refusal.SENDER_OR_TEMPLATE, detail="no connector is set up")
        rendered = render(message, name, settings, self._environment, self._keys, now)
        return send(connector, config, rendered, private=self._environment.private_addresses)

    def _understood(self, message: ClaimedMessage, connector: str, answer: Answer, settings: Settings) -> Ending:
        ending = Ending(
            state=answer.outcome,
            outcome=answer.outcome,
            connector=connector,
            refusal=answer.refusal,
            provider_id=answer.provider_id,
            code=answer.code,
            detail=answer.detail,
            price=answer.price,
            currency=answer.currency,
        )
        if due_at := self._next_attempt_at(message, connector, answer, settings):
            return replace(ending, state="queued", due_at=due_at)
        return ending

    def _next_attempt_at(
        self, message: ClaimedMessage, connector: str, answer: Answer, settings: Settings
    ) -> float | None:
        """At once where another connector may take it, later where this one may; None where it is over.

        Where an earlier attempt never ended, no other may: that one may have been sent.
        """
        if answer.outcome is not Outcome.REFUSED or not answer.refusal:
            return None
        options = candidates(
            settings.connectors,
            message.channel,
            message.country,
            message.begun_with,
            interrupted=message.interrupted > 0,
        )
        if message.attempts < len(options) and answer.refusal not in FINAL:
            log.warning("message %s: %s refused it (%s); another takes it", message.id, connector, answer.refusal)
            return self._clock()
        return next_attempt_at(answer.refusal, message.attempts, self._clock(), message.expires_at, answer.retry_after)

    def _record_in_time(self, message: ClaimedMessage, ending: Ending, settings: Settings) -> None:
        """Nobody else knows how the call ended: where the database is away for a moment, it is waited for."""
        ends = time.monotonic() + RECORD_SECONDS
        while True:
            try:
                return self._record(message, ending, settings)
            except DATABASE_AWAY:
                if time.monotonic() > ends or self._stopping.wait(LOOK_EVERY):
                    raise
                log.warning("message %s waits to be recorded: the database is away", message.id)

    def _record(self, message: ClaimedMessage, ending: Ending, settings: Settings) -> None:
        now = self._clock()
        with self._database.write(lasting=False) as connection:
            reported = messages.finish(connection, message, ending, now)
            self._routing.record(connection, ending.connector, ending.outcome, ending.refusal)
            if reported is not None and ending.state in NOT_SENT:
                webhook_events.message_failed(
                    connection, message, state=ending.state, reason=ending.refusal, connector=ending.connector, at=now
                )
                counters.lower_all(connection, given_back(settings, message), message.created_at)
        for each in reported or ():
            receipts.tell_guard(self._database, each, now)
        if reported is not None and ending.state in NOT_SENT:  # on its own: the guard's records are all processes'
            with self._database.write() as connection:
                guarding.unsent(connection, message.recipient, now)
        if ending.state == "queued" and ending.due_at <= now:
            self._woken.set()
        log.info(
            "message %s to %s by %s: %s%s, attempt %s",
            message.id,
            masked(message.recipient),
            ending.connector or "nobody",
            ending.state,
            f" ({f'{ending.refusal} {ending.code}'.rstrip()})" if ending.refusal else "",
            message.attempts,
        )
