"""A request as the views see it."""

from __future__ import annotations

from typing import Any

from flask import Request


class ReadingRequest(Request):
    """HEAD is a GET whose body is left out at the end: a view that tells GET from POST must not take it for a form."""

    def __init__(self, environ: dict[str, Any], *args: Any, **more: Any) -> None:
        super().__init__(environ, *args, **more)
        if self.method == "HEAD":
            self.method = "GET"
