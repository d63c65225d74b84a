"""Files of traffic, a JSON object a line: who asked for a code, and which codes came back. Read and written a few lines
at a time.
"""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

import phonenumbers

from rules.countries import country_of
from storage import message_log
from storage.database import Database
from storage.message_log import Place, SentMessage

REQUEST, VERIFIED = "request", "verified"
LONGEST_LINE = 16 * 1024  # bytes
AT_ONCE = 1000  # messages that are read at a time
LATEST = 253_402_300_800  # the year 10000, in seconds; who writes milliseconds is beyond it


class BadLineError(Exception):
    """In words, to stand behind "line 7:"."""


@dataclass(frozen=True)
class Event:
    """``at`` in seconds. Of a request ``phone`` in E.164 and its ``country``; ``address``: "" where none is told."""

    at: float
    kind: str
    id: int | str
    phone: str = ""
    country: str = ""
    address: str = ""


def read(lines: Iterable[bytes]) -> Iterator[tuple[int, Event | BadLineError]]:
    """Each line that is not empty with its number, from 1 as editors count. No event is before the one above it."""
    last = -math.inf
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                event = event_of(fields_of(line))
                if event.at < last:
                    raise BadLineError("its time is before that of a line above it")
                last = event.at
                yield number, event
            except BadLineError as problem:
                yield number, problem


def fields_of(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise BadLineError("it is too long")
    try:
        fields = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadLineError("it is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadLineError("it is not JSON") from None
    if not isinstance(fields, dict):
        raise BadLineError("it is no JSON object")
    return fields


def event_of(fields: dict[str, Any]) -> Event:
    """What else stands in a line is not looked at."""
    at, kind, found = seconds_of(fields), fields.get("event"), id_of(fields)
    if kind == VERIFIED:
        return Event(at, kind, found)
    if kind != REQUEST:
        raise BadLineError('"event" is neither "request" nor "verified"')
    phone, address = fields.get("phone"), fields.get("ip") or ""
    country = country_of_number(phone) if isinstance(phone, str) else ""
    if not country:
        raise BadLineError('"phone" is no number that begins with + and a calling code')
    if address and not _is_address(address):
        raise BadLineError('"ip" is no address')
    return Event(at, kind, found, str(phone), country, address)


def seconds_of(fields: dict[str, Any]) -> float:
    found = fields.get("t")
    if isinstance(found, bool) or not isinstance(found, int | float) or not -LATEST < found < LATEST:
        raise BadLineError('"t" is no number of seconds')
    return float(found)


def id_of(fields: dict[str, Any]) -> int | str:
    found = fields.get("id")
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise BadLineError('"id" is neither a number nor a text')
    return found


@lru_cache(maxsize=100_000)
def country_of_number(phone: str) -> str:
    """Its region; "" where it is no number in E.164."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return ""
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return country_of(number, "") if written == phone else ""


def _is_address(typed: object) -> bool:
    try:
        return isinstance(typed, str) and bool(ip_address(typed))
    except ValueError:
        return False


def written(database: Database, since: float) -> Iterator[dict[str, Any]]:
    """In time's order. A code comes back within minutes, so that few wait for their turn."""
    waiting: list[tuple[float, str]] = []
    for message in _messages(database, since):
        while waiting and waiting[0][0] <= message.created_at:
            yield _verified(heapq.heappop(waiting))
        yield {"t": message.created_at, "event": REQUEST, "id": message.id, "phone": message.recipient}
        if message.verified_at is not None:
            heapq.heappush(waiting, (max(message.verified_at, message.created_at), message.id))
    while waiting:
        yield _verified(heapq.heappop(waiting))


def _verified(proof: tuple[float, str]) -> dict[str, Any]:
    return {"t": proof[0], "event": VERIFIED, "id": proof[1]}


def _messages(database: Database, since: float) -> Iterator[SentMessage]:
    """Read a few at a time, so that neither memory nor a transaction is held for long."""
    after: Place = (since, "")
    while True:
        with database.read() as connection:
            found = message_log.sent(connection, after, most=AT_ONCE)
        if not found:
            return
        yield from found
        after = (found[-1].created_at, found[-1].id)
