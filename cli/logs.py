"""Logs to the standard error stream, as text or as JSON, a line an event."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from flask import g, has_request_context

from delivery.scrub import without_numbers
from settings.environment import Environment

EXTRAS = ("milliseconds",)
DETAIL = re.compile(r"^(DETAIL|CONTEXT):.*\n?", re.MULTILINE)  # where PostgreSQL quotes the values of a row


class RequestId(logging.Filter):
    """Puts the request's reference on each line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = g.get("request_id", "-") if has_request_context() else "-"
        return True


class Lines(logging.Formatter):
    """An exception is told without the numbers and rows that its words may quote."""

    def formatException(self, ei: Any) -> str:
        return without_numbers(DETAIL.sub("", super().formatException(ei)))


class JsonLines(Lines):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": record.__dict__.get("request_id", "-"),
            "message": record.getMessage(),
        }
        line |= {name: record.__dict__[name] for name in EXTRAS if name in record.__dict__}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class TextLines(Lines):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(request_id)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return text.replace("\r", "\\r") if record.exc_info else text.replace("\r", "\\r").replace("\n", "\\n")


def set_up(environment: Environment) -> None:
    handler = logging.StreamHandler()
    handler.addFilter(RequestId())
    handler.setFormatter(JsonLines() if environment.log_format == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("doorcode").setLevel(logging.INFO)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of every request that waits
