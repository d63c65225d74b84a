"""Tell applications that a session is over. OpenID Connect Back-Channel Logout 1.0.

Who ends a session notes whom to tell; those that ended by themselves are found by looking through the grants, now and
then. An application that does not answer is asked again for a day; it has one call at a time, so that it holds nobody
else.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from connectors.contract import Request
from delivery.caller import CallFailed, call
from delivery.faults import described
from rules import signing
from rules.tokens import new_id
from settings.environment import Environment
from settings.keys import Keys, Use
from storage import clients, logout_notices
from storage.database import Database
from storage.logout_notices import LogoutNotice

log = logging.getLogger("doorcode.logout")

CALLS_AT_ONCE = 4
SECONDS = 5.0  # for a call
LEASE = 30.0
TOKEN_SECONDS = 120
WAITS = (10, 60, 300, 1800, 7200, 21600, 43200)  # seconds until another try
SWEEP_EVERY = 10.0
JWT_TYPE = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


class LogoutNotices:
    def __init__(self, environment: Environment, database: Database, keys: Keys, clock: Callable[[], float]) -> None:
        self._environment = environment
        self._database = database
        self._sealing_keys = keys.all(Use.SEALING)
        self._clock = clock
        self._sweep_at = 0.0
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._callers = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="doorcode-logout")

    def stop(self) -> None:
        self._callers.shutdown(wait=True)

    def run_if_due(self) -> None:
        if not 0 < self._sweep_at - self._clock() <= SWEEP_EVERY:
            self._sweep_at = self._clock() + SWEEP_EVERY
            self.sweep()
        self.work_off()

    def sweep(self) -> None:
        """Find sessions that ended by themselves."""
        now = self._clock()
        with self._database.read() as connection:
            if not logout_notices.any_gone(connection, now):
                return
        with self._database.write() as connection:
            for client_id, session_id, subject in logout_notices.gone(connection, now):
                logout_notices.add(connection, new_id(), client_id, session_id, subject, now)

    def work_off(self) -> None:
        """Begin the calls that are due. Idle: one cheap read."""
        now = self._clock()
        with self._database.read() as connection:
            if not logout_notices.any_due(connection, now):
                return
        with self._lock:
            busy = set(self._busy)
        with self._database.write() as connection:
            most = max(0, CALLS_AT_ONCE - len(busy))
            claimed = logout_notices.claim(connection, now, lease=LEASE, most=most, busy=busy)
        with self._lock:
            self._busy |= {notice.client_id for notice in claimed}
        for notice in claimed:
            self._callers.submit(self._tell, notice)

    def _tell(self, notice: LogoutNotice) -> None:
        try:
            told = self._call(notice)
            with self._database.write() as connection:
                if told or notice.attempts > len(WAITS):
                    logout_notices.delete(connection, notice.id)
                else:
                    logout_notices.retry(connection, notice, self._clock() + WAITS[notice.attempts - 1])
            log.info("sign-out told to %s: %s, attempt %s", notice.client_id, "yes" if told else "no", notice.attempts)
        except Exception as error:  # the lease runs out, and the notice is taken up again
            log.error("sign-out notice %s could not be recorded: %s", notice.id, described(error))
        finally:
            with self._lock:
                self._busy.discard(notice.client_id)

    def _call(self, notice: LogoutNotice) -> bool:
        """Whether the application has heard it, or wants to hear nothing."""
        with self._database.read() as connection:
            client = clients.find(connection, notice.client_id)
        if client is None or not client.settings.backchannel_logout_uri:
            return True
        body = urlencode({"logout_token": self._token(notice, client.settings.id_token_algorithm)}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            request = Request("POST", client.settings.backchannel_logout_uri, headers, body, SECONDS)
            reply = call(request, private=self._environment.private_addresses)
        except CallFailed as failure:
            log.warning("%s could not be told of a sign-out: %s", notice.client_id, failure)
            return False
        return reply.status in (200, 204)

    def _token(self, notice: LogoutNotice, algorithm: str) -> str:
        now = self._clock()
        stored = signing.ensure(self._database, self._sealing_keys, now)
        key = signing.signing(stored, algorithm, now)
        assert key, "there is one for each algorithm now"
        claims = {
            "iss": self._environment.public_url,
            "aud": notice.client_id,
            "iat": int(now),
            "exp": int(now) + TOKEN_SECONDS,
            "jti": new_id(),
            "sub": notice.subject,
            "sid": notice.session_id,
            "events": {EVENT: {}},
        }
        return signing.sign(self._sealing_keys, key, claims, JWT_TYPE)
