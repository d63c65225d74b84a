"""The query of an address as browsers write it. Bytes that come as they are and are no text would fail later on."""

from __future__ import annotations

from urllib.parse import quote

from flask.wrappers import Request


def spell_query(request: Request) -> None:
    """Before anything reads a parameter."""
    if not request.query_string.isascii():
        request.query_string = quote(request.query_string, safe="%&=+").encode()
