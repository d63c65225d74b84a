"""What every connector is made of: data in, data out, no network, no clock, no database, no person.

A connector is one module of this package. It declares ``TITLE``, ``SUMMARY``, ``FIELDS`` and ``ERRORS`` and has

    build(config: Mapping[str, Any], message: Message) -> Request     data in, data out; may raise CannotBuildError
    read(config: Mapping[str, Any], reply: Reply) -> Answer           never raises, whatever the reply

and, where it applies,

    check(config) -> dict[field name, Problem]                        a rule that spans several fields
    receive(config, notice: Notice) -> list[Receipt] | None           the provider's later word (receipts.py)
    RECEIPT_REPLY = b'{"code": 0}'                                    what the provider wants to hear for a receipt
    handshake(config, notice: Notice) -> bytes | None                 what a GET of the receipt address is answered
    CHANNELS = (EMAIL,)                                               what it carries; (SMS,) where it does not say
    PRODUCTION = False                                                keeps it away from real people

``config`` has passed the fields and ``check``.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

SMS, EMAIL = "sms", "email"


class Outcome(StrEnum):
    """What became of a message. Only after REFUSED is it sure that nothing was sent."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Refusal(StrEnum):
    """The named kinds of refusal."""

    BAD_NUMBER = "bad_number"
    BLOCKED = "blocked"  # opted out, or blocked by the operator
    BAD_CREDENTIALS = "bad_credentials"
    NO_BALANCE = "no_balance"
    THROTTLED = "throttled"
    SENDER_OR_TEMPLATE = "sender_or_template"
    TEMPORARY = "temporary"


@dataclass(frozen=True)
class Message:
    """A text on its way. ``to`` is E.164 with its +; ``life`` in seconds; ``id`` is ours, the same at each attempt.

    ``act``: what the code confirms, where that was named.
    By e-mail ``to`` is an address, and there is a ``subject``: both of one line.
    ``country``: of the number, such as GB; "" where it belongs to none. ``receipt_url``: where the provider may report,
    "" where it cannot reach us. ``sent_at`` (unix seconds) and ``nonce`` (a new UUID each attempt) are for signatures.
    """

    id: str
    to: str
    text: str
    usage: str
    locale: str
    life: int
    code: str = ""
    application: str = ""
    country: str = ""
    receipt_url: str = ""
    sent_at: int = 0
    nonce: str = ""
    subject: str = ""
    act: str = ""

    @property
    def digits(self) -> str:
        """The number without its +."""
        return self.to.removeprefix("+")

    @property
    def minutes(self) -> int:
        """How long the code is good, rounded up."""
        return max(1, -(-self.life // 60))


class CannotBuildError(Exception):
    """The configuration cannot carry this message. Its words are for admins and hold no secret."""


@dataclass(frozen=True)
class Request:
    """What to ask the provider, sent as it stands. All but the method may carry secrets or the code: never log it.

    To a mail server (``smtp``, ``smtps`` or ``smtp+plain``): ``Mail-From`` and ``Rcpt-To`` are the envelope,
    ``Authorization`` as in HTTP signs in, and the body is the whole message (RFC 5322).
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    timeout: float | None = None  # seconds in all; None: the caller's own


def parsed(body: bytes | str) -> Any:
    """JSON from elsewhere; None where it is anything else."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # not JSON or not UTF-8; ten thousand opening brackets
        return None


def value_at(value: Any, path: str) -> Any:
    """The value at a path such as ``messages.0.id`` of parsed JSON; None where there is none."""
    for name in path.split("."):
        if isinstance(value, list) and re.fullmatch("[0-9]{1,4}", name):
            value = dict(enumerate(value)).get(int(name))
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


@dataclass(frozen=True)
class Reply:
    """What the provider answered: at most 64 KiB of it. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    def parsed(self) -> Any:
        """The body as JSON; None where it is anything else."""
        return parsed(self.body)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is anything else."""
        found = self.parsed()
        return found if isinstance(found, dict) else {}

    def at(self, path: str) -> Any:
        """The value at a path such as ``messages.0.id`` of the JSON; None where there is none."""
        return value_at(self.parsed(), path)


@dataclass(frozen=True)
class Answer:
    """A reply, understood. ``code`` is the provider's own error code; ``detail`` its words, for admins only."""

    outcome: Outcome
    refusal: Refusal | None = None
    provider_id: str = ""
    code: str = ""
    detail: str = ""
    retry_after: float | None = None  # seconds, where the provider said
    price: float | None = None
    currency: str = ""


def accepted(provider_id: object = "", *, price: object = None, currency: object = "") -> Answer:
    return Answer(
        Outcome.ACCEPTED, provider_id=spelled(provider_id, 200), price=amount(price), currency=spelled(currency, 3)
    )


def refused(kind: Refusal, code: object = "", detail: object = "", *, retry_after: float | None = None) -> Answer:
    return Answer(Outcome.REFUSED, kind, code=spelled(code, 100), detail=spelled(detail), retry_after=retry_after)


def unknown(code: object = "", detail: object = "") -> Answer:
    return Answer(Outcome.UNKNOWN, code=spelled(code, 100), detail=spelled(detail))


def spelled(value: object, limit: int = 1000) -> str:
    """A provider's value as one line that can be stored: no NUL, no half character, nothing for a list or an object."""
    if not isinstance(value, str | int | float):  # None, or nested so deep that spelling it would fail
        return ""
    return "".join(character if character.isprintable() else " " for character in str(value)[:limit])


def amount(value: Any) -> float | None:
    """A provider's price, a number or its spelling, as a positive amount; None where it is neither."""
    try:
        price = abs(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return price if price < MOST_A_MESSAGE_COSTS else None


MOST_A_MESSAGE_COSTS = 1000.0  # keeps out NaN, infinity and misread fields


STATUSES = {
    401: Refusal.BAD_CREDENTIALS,
    402: Refusal.NO_BALANCE,
    403: Refusal.BAD_CREDENTIALS,
    425: Refusal.TEMPORARY,
    429: Refusal.THROTTLED,
    503: Refusal.TEMPORARY,
}
# See Other answers a request that was carried out; a time-out may be that of a server further on;
# a conflict says that this message is there already.
UNSURE = {303, 408, 409}


def by_status(reply: Reply, code: object = "", detail: object = "") -> Answer:
    """What a reply means whose words say nothing: 3xx and 4xx did nothing, any other may have sent the message."""
    if reply.status in STATUSES:
        return refused(STATUSES[reply.status], code or reply.status, detail, retry_after=retry_after(reply))
    if 300 <= reply.status < 500 and reply.status not in UNSURE:
        words = detail if reply.status >= 400 else "The address redirects."
        return refused(Refusal.SENDER_OR_TEMPLATE, code or reply.status, words)
    return unknown(code or reply.status, detail)


LONGEST_WAIT = 3600


def retry_after(reply: Reply) -> float | None:
    """Seconds from 0 to an hour, from ``Retry-After``: seconds, or a date (measured by the reply's own ``Date``)."""
    wait = reply.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,20})?", wait):
        return min(float(wait), LONGEST_WAIT)
    try:
        seconds = (parsedate_to_datetime(wait) - parsedate_to_datetime(reply.headers.get("date", ""))).total_seconds()
    except (ValueError, TypeError, OverflowError):  # not a date; only one of the two names its zone
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def basic_auth(user: str, password: str) -> str:
    """The value of ``Authorization`` (RFC 7617)."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
