"""Tell other systems what happened: claim, sign, call, record. Standard Webhooks.

Each endpoint is told by at most a few threads, and by one while it fails, so that one that is down or slow holds no
other, and nothing of it is in memory but the calls under way. A thread records the end of a call and takes the
endpoint's next event in one transaction, until nothing is due or a call fails.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, thread_time

from connectors.contract import Reply, Request, retry_after, spelled
from delivery.caller import CallFailed, call
from delivery.connecting import Stage
from delivery.faults import described
from delivery.scrub import without_numbers
from rules import webhooks as rules
from settings.environment import Environment
from settings.fields import N_
from settings.keys import Keys, Use
from storage import audit, sealing, webhook_deliveries, webhooks
from storage.audit import Entry
from storage.database import Connection, Database
from storage.sealing import SealBrokenError
from storage.webhook_deliveries import Delivery, Ending
from storage.webhooks import Endpoint

log = logging.getLogger("doorcode.webhooks")

CALLS_AT_ONCE = 4  # of an endpoint that answers as it should
THREADS = rules.MOST + 2 * CALLS_AT_ONCE  # also while all others fail, two endpoints have all of theirs
SECONDS = 8.0  # for a call
SHARE = 0.5  # of one processor, for all of this
KEPT_ANSWER = 1000  # characters
ACTOR = "Doorcode"  # in the audit log
NO_SECRET = N_("Its secret cannot be opened with the keys in force. Make another secret.")
NO_ANSWER = {
    Stage.WRITING: N_("The request could not be written: check the address."),
    Stage.LOOKUP: N_("The name in the address was not found."),
    Stage.CONNECTING: N_("There was no connection."),
    Stage.PRIVATE: N_(
        "The address is a private one, and those are not called. If it is meant to be, whoever runs Doorcode can allow"
        " it with DOORCODE_PRIVATE_ADDRESSES=on."
    ),
    Stage.SECURING: N_("There was no secure connection."),
    Stage.SENT: N_("There was no whole answer in time."),
}


class Webhooks:
    def __init__(self, environment: Environment, database: Database, keys: Keys, clock: Callable[[], float]) -> None:
        self._environment = environment
        self._database = database
        self._sealing_keys = keys.all(Use.SEALING)
        self._clock = clock
        self._busy: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._callers = ThreadPoolExecutor(THREADS, thread_name_prefix="doorcode-webhook")

    def stop(self) -> None:
        """Begin no more calls; those under way end and are recorded."""
        self._stopping.set()
        self._callers.shutdown(wait=True)

    @property
    def at_rest(self) -> bool:
        """Whether no call is under way."""
        with self._lock:
            return not any(self._busy.values())

    def work_off(self) -> None:
        """Put threads to work for the endpoints that something is due for. Idle: one cheap read."""
        with self._database.read() as connection:
            due = webhook_deliveries.due(connection, self._clock())
        for endpoint_id, fails in due.items():
            for _ in range(self._take(endpoint_id, 1 if fails else CALLS_AT_ONCE)):
                self._callers.submit(self._work, endpoint_id)

    def _take(self, endpoint_id: str, most: int) -> int:
        """How many more threads the endpoint may have."""
        with self._lock:
            more = max(0, most - self._busy[endpoint_id])
            self._busy[endpoint_id] += more
        return more

    def _work(self, endpoint_id: str) -> None:
        try:
            work = self._next(endpoint_id)
            while work:
                begun = thread_time()
                ending, gone = self._told(*work)
                work = self._record(*work, ending, gone=gone)
                self._rest(thread_time() - begun)
        except Exception as error:  # the lease runs out, and the event is taken up again
            log.error("the webhook %s goes on after %s", endpoint_id, described(error))
        finally:
            with self._lock:
                self._busy[endpoint_id] -= 1

    def _rest(self, worked: float) -> None:
        """Leave the process to its pages: all threads together work for SHARE of the time at most. ``worked``: seconds
        of the processor's, which waiting for an answer does not take."""
        with self._lock:
            threads = self._busy.total()
        self._stopping.wait(worked * (threads / SHARE - 1))

    def _next(self, endpoint_id: str) -> tuple[Endpoint, Delivery] | None:
        with self._database.write() as connection:
            return self._claim(connection, endpoint_id)

    def _claim(self, connection: Connection, endpoint_id: str) -> tuple[Endpoint, Delivery] | None:
        if self._stopping.is_set():
            return None
        endpoint = webhooks.find(connection, endpoint_id)
        if endpoint is None or endpoint.off_at:
            return None
        delivery = webhook_deliveries.claim(connection, endpoint_id, self._clock())
        return (endpoint, delivery) if delivery else None

    def _told(self, endpoint: Endpoint, delivery: Delivery) -> tuple[Ending, bool]:
        """How the call ended, and whether the receiver wants no more."""
        now, begun = self._clock(), monotonic()
        status, answer, wait = self._call(endpoint, delivery, now)
        took = monotonic() - begun
        if status is not None and 200 <= status < 300:
            return Ending("delivered", now, took, status, answer), False
        again_at = rules.next_try_at(delivery.begun_at or now, self._clock(), wait)
        state = "given_up" if again_at is None or status == rules.GONE else "waiting"
        return Ending(state, now, took, status, answer, again_at or 0), status == rules.GONE

    def _call(self, endpoint: Endpoint, delivery: Delivery, now: float) -> tuple[int | None, str, float | None]:
        """The answer's status and words, and how long it wants us to wait."""
        try:
            secrets = [sealing.unseal(self._sealing_keys, each, endpoint.place) for each in endpoint.secrets]
        except SealBrokenError:
            return None, NO_SECRET, None
        payload = rules.body(delivery.type, delivery.at, delivery.data)
        headers = rules.headers(secrets, delivery.event_id, now, payload)
        request = Request("POST", endpoint.settings.url, headers, payload, SECONDS)
        try:
            reply = call(request, private=self._environment.private_addresses)
        except CallFailed as failure:
            return None, f"{NO_ANSWER.get(failure.stage, NO_ANSWER[Stage.SENT])} ({failure.detail})", None
        return reply.status, _words(reply), retry_after(reply)

    def _record(
        self, endpoint: Endpoint, delivery: Delivery, ending: Ending, *, gone: bool
    ) -> tuple[Endpoint, Delivery] | None:
        """Write the end down, and take the next one where this one was heard."""
        told = ending.state == "delivered"
        with self._database.write() as connection:
            if webhook_deliveries.finish(connection, delivery, ending):
                self._judge(connection, endpoint, ending, gone=gone)
            following = self._claim(connection, endpoint.id) if told else None
        log.info(
            "event %s (%s) to webhook %s: %s, status %s, attempt %s",
            delivery.event_id,
            delivery.type,
            endpoint.id,
            ending.state,
            ending.status or "none",
            delivery.attempts,
        )
        return following

    def _judge(self, connection: Connection, endpoint: Endpoint, ending: Ending, *, gone: bool) -> None:
        """Whether the endpoint goes on hearing. It is switched off where it says so, and where it has failed for days
        and now has missed an event for good."""
        now = self._clock()
        if ending.state == "delivered":
            webhooks.succeeded(connection, endpoint.id)
            return
        webhooks.failed(connection, endpoint.id, now)
        failed_long = now - (endpoint.failing_since or now) >= rules.OFF_AFTER
        why = "gone" if gone else "failing" if failed_long and ending.state == "given_up" else ""
        if why and webhooks.switch_off(connection, endpoint.id, why, now):
            audit.add(connection, Entry(now, ACTOR, "webhook.switched_off", {"webhook": endpoint.id, "why": why}))
            log.warning("webhook %s is switched off: %s", endpoint.id, why)


def _words(reply: Reply) -> str:
    """The start of an answer as one line. It may repeat what it was told, so no number stays in it."""
    return without_numbers(spelled(reply.body[: 4 * KEPT_ANSWER].decode(errors="replace"), KEPT_ANSWER))
