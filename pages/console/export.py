"""The list of messages as a file, for a spreadsheet or a program: it is the same in every language."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Response, stream_with_context

from flows import message_log
from flows.message_log import Wanted
from pages.console.frame import bp
from pages.console.messages import RECEIPTS, typed_filters, wanted_messages
from pages.visitor import services

COLUMNS = (
    "asked_at",
    "id",
    "to",
    "country",
    "usage",
    "channel",
    "state",
    "refusal",
    "connector",
    "attempts",
    "receipt",
    "receipt_at",
    "verified_at",
    "price",
    "currency",
    "provider_code",
    "provider_words",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else
AT_ONCE = 16_384  # characters


@bp.get("/messages.csv")
def messages_csv() -> Response:
    response = Response(
        stream_with_context(_file(wanted_messages(typed_filters()))), content_type="text/csv; charset=utf-8"
    )
    name = f"messages-{datetime.fromtimestamp(services().clock(), UTC):%Y-%m-%d}.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _file(wanted: Wanted) -> Iterator[str]:
    buffer = io.StringIO()
    buffer.write(BYTE_ORDER_MARK)
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for message, number in message_log.export(services(), wanted):
        writer.writerow([harmless(cell) for cell in _cells(message, number)])
        if buffer.tell() > AT_ONCE:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _cells(message: Any, number: str) -> tuple[object, ...]:
    return (
        _time(message.created_at),
        message.id,
        number,
        message.country,
        message.usage,
        message.channel,
        message.state,
        message.refusal,
        message.connector,
        message.attempts,
        RECEIPTS.get(message.receipt),
        _time(message.receipt_at),
        _time(message.verified_at),
        message.price,
        message.currency,
        message.code,
        message.detail,
    )


def _time(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def harmless(cell: object) -> str:
    """A spreadsheet would reckon with what begins like a formula (OWASP, CSV injection)."""
    text = "" if cell is None else str(cell)
    return "'" + text if text.startswith(FORMULA) else text
