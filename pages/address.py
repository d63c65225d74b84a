"""The query of an address as browsers write it. Bytes that come as they are and are no text would fail later on."""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask, request


def prepare(app: Flask) -> None:
    app.before_request(spell_query)


def spell_query() -> None:
    if not request.query_string.isascii():
        request.query_string = quote(request.query_string, safe="%&=+").encode()
