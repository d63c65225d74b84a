"""A request as the views see it."""

from __future__ import annotations

import re
from typing import Any

from flask import Request

LARGEST_FILE = 4 * 1024 * 1024  # bytes; where a file may be sent
TAKES_FILES = re.compile(
    r"/admin/organizations/[0-9a-f]{32}/invitations|/api/manage/organizations/[0-9a-f]{32}/invitation-files"
)


class ReadingRequest(Request):
    """HEAD is a GET whose body is left out at the end: a view that tells GET from POST must not take it for a form."""

    def __init__(self, environ: dict[str, Any], *args: Any, **more: Any) -> None:
        super().__init__(environ, *args, **more)
        if self.method == "HEAD":
            self.method = "GET"
        if TAKES_FILES.fullmatch(self.path):
            self.max_content_length = LARGEST_FILE
