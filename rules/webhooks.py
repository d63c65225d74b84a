"""How an event is told: what is written, how it is signed (Standard Webhooks 1.0), and how often it is tried.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from rules.addresses import PRIVATE, is_private_url
from settings.fields import N_, Problem

PREFIX = "whsec_"
SECRET_BYTES = 32
HOUR, DAY = 3600, 86400
SHORTEST_WAIT, LONGEST_WAIT = 5.0, 1.0 * HOUR  # seconds until another try
OFF_AFTER = 3 * DAY  # of failing, without one success
GONE = 410
MOST = 20  # endpoints: each of them has its threads


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def body(kind: str, at: float, data: Mapping[str, Any]) -> bytes:
    """The same bytes at each try."""
    timestamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": kind, "timestamp": timestamp, "data": data}, ensure_ascii=False).encode()


def headers(own_secrets: Iterable[str], event_id: str, now: float, payload: bytes) -> dict[str, str]:
    """Signed with each of the secrets, so that the receiver may know either."""
    signed = f"{event_id}.{int(now)}.".encode() + payload
    return {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now)),
        "webhook-signature": " ".join(_signature(secret, signed) for secret in own_secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def next_try_at(begun_at: float, now: float, retry_after: float | None) -> float | None:
    """When to try again after a failure: each wait is about as long as all before, up to an hour. None after a day."""
    wait = min(max(now - begun_at, SHORTEST_WAIT, retry_after or 0), LONGEST_WAIT)
    due_at = now + wait * random.uniform(0.75, 1.25)  # noqa: S311 - spreads, hides nothing
    return due_at if due_at <= begun_at + DAY else None


def problem_of_url(url: str, *, private: bool) -> Problem | None:
    """Why events may not be sent there. ``private``: whether private addresses may be called; without TLS only then."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        return Problem(N_("Type a whole address, such as https://api.example.com/send."))
    if parts.fragment:
        return Problem(N_("Leave away what follows #."))
    if private:
        return None
    if parts.scheme != "https":
        return Problem(N_("It must begin with https://."))
    return PRIVATE if is_private_url(url) else None
