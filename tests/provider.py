"""A provider's server, real and small, that also does all that providers should not.

    with Provider() as provider:
        provider.answer(201, {"sid": "SM1"})
        ... call provider.url ...
        assert provider.requests[0].body == b"..."

It serves HTTP/1.1 and keeps connections. What it was told last holds for every request until it is told otherwise.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Seen:
    """A request as it came. Header names are in lower case; ``connection`` counts the connections from 1."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


Act = Callable[["_Handler"], None]
PATIENCE = 20  # seconds, of whoever waits for something that is sure to come


class Provider:
    """``tls`` is the path of a file with a certificate and its key."""

    def __init__(self, tls: str | None = None) -> None:
        self.requests: list[Seen] = []
        self.connections = 0
        self.ended = 0  # of the connections
        self.reads = True
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.provider = self
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self._server.tls = context
        self.port: int = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.answer()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # What to do with a request

    def answer(
        self, status: int = 200, body: bytes | str | Any = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        """A whole reply. Anything but bytes and text goes out as JSON."""
        self._do(lambda handler: handler.reply(status, _bytes(body), headers or {}))

    def decide(self, decision: Callable[[Seen], tuple[int, Any] | None]) -> None:
        """A status and a body for each request, or None to cut the connection without a word."""

        def act(handler: _Handler) -> None:
            if decided := decision(handler.seen):
                handler.reply(decided[0], _bytes(decided[1]), {})
            else:
                handler.raw(b"")

        self._do(act)

    def delay(self, seconds: float, status: int = 200, body: bytes | str | Any = b"") -> None:
        """Read, wait, answer."""

        def act(handler: _Handler) -> None:
            self.sleep(seconds)
            handler.reply(status, _bytes(body), {})

        self._do(act)

    def drip_body(self, interval: float = 0.2, status: int = 200) -> None:
        """A byte each ``interval`` seconds, for ever."""
        self._do(lambda handler: self._drip(handler, _head(status, "Content-Length: 100000\r\n\r\n"), b"x", interval))

    def drip_headers(self, interval: float = 0.2, status: int = 200) -> None:
        """A byte of a header each ``interval`` seconds, for ever."""
        self._do(lambda handler: self._drip(handler, _head(status, "X-Slow: "), b"x", interval))

    def cut_before_reading(self) -> None:
        """Close each new connection at once, with nothing read."""
        self._do(lambda handler: None, reads=False)

    def cut_after_reading(self, reply: bytes = b"") -> None:
        """Read, write these bytes, close: garbage, half a reply, or nothing at all."""
        self._do(lambda handler: handler.raw(reply))

    def answer_and_cut(self, status: int = 200, body: bytes | str | Any = b"") -> None:
        """A whole reply that promises to keep the connection, which is closed none the less."""

        def act(handler: _Handler) -> None:
            handler.reply(status, _bytes(body), {})
            handler.close_connection = True

        self._do(act)

    def hold(self, only: bytes = b"", reply: bytes = b"{}") -> Callable[[], None]:
        """Requests with these bytes wait until the returned function is called, all others are answered at once."""
        released = threading.Event()

        def act(handler: _Handler) -> None:
            if only in handler.seen.body:
                released.wait(PATIENCE)
            handler.reply(200, reply, {})

        self._do(act)
        return released.set

    def echo(self, status: int) -> None:
        """Answer with the request's own body."""
        self._do(lambda handler: handler.reply(status, handler.seen.body, {}))

    def redirect(self, to: str, status: int = 302) -> None:
        self.answer(status, b"", {"Location": to})

    def huge(self, size: int = 50_000_000, status: int = 200) -> None:
        self._do(lambda handler: handler.reply(status, memoryview(bytes(size)), {}))

    def gzip_bomb(self, size: int = 50_000_000, status: int = 200) -> None:
        packed = gzip.compress(bytes(size))
        self.answer(status, packed, {"Content-Encoding": "gzip", "Content-Type": "application/json"})

    # For tests

    def wait_for(self, count: int) -> None:
        """Until so many requests came."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.requests) >= count, PATIENCE)
        assert came, f"{len(self.requests)} requests came, not {count}"

    def wait_for_ends(self, count: int) -> None:
        """Until so many connections are closed on this side."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.ended >= count, PATIENCE), f"{self.ended} ended, not {count}"

    def sleep(self, seconds: float) -> None:
        """Ends early when the test is over."""
        self._closing.wait(seconds)

    def _do(self, act: Act, *, reads: bool = True) -> None:
        self._act, self.reads = act, reads

    def _drip(self, handler: _Handler, start: bytes, byte: bytes, interval: float) -> None:
        handler.raw(start)
        ends = time.monotonic() + 60
        while time.monotonic() < ends and not self._closing.is_set():
            handler.raw(byte)
            self.sleep(interval)

    def _came(self, seen: Seen) -> None:
        with self._changed:
            self.requests.append(seen)
            self._changed.notify_all()

    def _ended(self) -> None:
        with self._changed:
            self.ended += 1
            self._changed.notify_all()


def _bytes(body: bytes | str | Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _head(status: int, rest: str) -> bytes:
    return f"HTTP/1.1 {status} Slow\r\n{rest}".encode()


class _Server(ThreadingHTTPServer):
    request_queue_size = 64  # five would make some of many at once try again after seconds
    daemon_threads = True
    block_on_close = False
    provider: Provider
    tls: ssl.SSLContext | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        self.provider = self.server.provider
        self.provider.connections += 1
        self.number = self.provider.connections
        if self.server.tls:
            self.request.settimeout(5)
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        if self.provider.reads:
            with contextlib.suppress(OSError):
                super().handle()

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.seen = Seen(self.command, self.path, headers, body, self.number)
        self.provider._came(self.seen)
        self.provider._act(self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815 (http.server's own names)

    def reply(self, status: int, body: bytes | memoryview, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def raw(self, data: bytes) -> None:
        """These bytes and no more: the connection ends with the request."""
        self.close_connection = True
        self.wfile.write(data)
        self.wfile.flush()

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
            self.request.shutdown(socket.SHUT_RDWR)
        self.request.close()
        self.provider._ended()

    def log_message(self, *_arguments: object) -> None:
        """Tests read ``requests`` instead."""
