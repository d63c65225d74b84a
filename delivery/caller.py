"""The one place that calls providers over HTTP, and trusts none of them.

A call ends within 8 s. At most 64 KiB of a body are read and nothing is decompressed. TLS is verified. No redirect is
followed, nothing is tried twice, and neither proxies nor passwords are taken from the environment. Private addresses
are called where the operator allows them.
"""

from __future__ import annotations

import logging
import ssl
import sys
from functools import cache
from socket import socket
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from connectors.contract import Reply, Request
from delivery import connecting
from delivery.connecting import Stage

SECONDS = 8.0  # for the whole call
LONGEST_BODY = 64 * 1024
CONNECTIONS = 32  # kept open to each server
# Servers that close idle connections do so after 5 s or more, save a few. Of one that is closed just as it is used
# again nobody knows whether the request was read.
IDLE_SECONDS = 4.0

# urllib3 writes the addresses that it calls into its log; they may carry secrets.
for _name in ("connection", "connectionpool", "response"):
    logging.getLogger(f"urllib3.{_name}").addFilter(lambda _record: False)


class CallFailed(Exception):  # noqa: N818 (what became of the call)
    """No reply. ``sent`` is False where nothing can have been sent. Holds no address, header or body."""

    def __init__(self, stage: Stage, detail: str) -> None:
        super().__init__(f"{stage.value} ({detail})")
        self.stage = stage
        self.reason = str(stage.value)
        self.detail = detail
        self.sent = stage is Stage.SENT


def call(request: Request, *, private: bool) -> Reply:
    """Ask the provider, at a private address only if ``private``. Raises :class:`CallFailed` and nothing else."""
    outer = sys.exception()
    connecting.call.start(min(SECONDS, request.timeout or SECONDS), private=private)
    try:
        return _exchange(request, _adapter(private))
    except Exception as error:  # of four libraries, at the hands of whoever answers; how far the call came is known
        failure = CallFailed(connecting.call.stage, detail_of(error, outer))
    raise failure  # outside of the handler, so that no exception that quotes the request hangs on it


def _exchange(request: Request, adapter: _Adapter) -> Reply:
    if urlsplit(request.url).scheme not in ("http", "https"):
        raise ValueError
    prepared = requests.PreparedRequest()
    headers = {**request.headers, "User-Agent": "Doorcode", "Accept-Encoding": "identity"}
    prepared.prepare(request.method, request.url, headers=headers, data=request.body)
    with adapter.send(prepared, stream=True, timeout=SECONDS) as response:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, _body(response))


def _body(response: requests.Response) -> bytes:
    """The start of it. Read to its end where it has one within the limit: only that shows a body cut short."""
    body = b""
    while len(body) < LONGEST_BODY and (part := response.raw.read(LONGEST_BODY - len(body))):
        body += part
    return body


def detail_of(error: BaseException, outer: BaseException | None) -> str:
    """Why, with no word of the request: what the system says of a connection, otherwise the first error's name."""
    while (cause := error.__cause__ or error.__context__) and cause is not outer:
        error = cause
    if connecting.call.stage in (Stage.WRITING, Stage.SENT):
        return type(error).__name__
    return getattr(error, "verify_message", "") or getattr(error, "strerror", "") or type(error).__name__


def secure_context() -> ssl.SSLContext:
    """TLS that is verified, on sockets that end in time."""
    context = ssl.create_default_context()  # the system's authorities, for gateways of one's own
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    context.sslsocket_class = connecting.SecureSocket
    return context


class _Connection(HTTPConnection):
    """Connects in time, and is not used again once it has been idle."""

    used = 0.0

    def _new_conn(self) -> socket:
        return connecting.connect(self._dns_host, self.port or self.default_port)

    @property
    def is_connected(self) -> bool:
        return monotonic() - self.used < IDLE_SECONDS and super().is_connected

    def getresponse(self) -> Any:
        response = super().getresponse()
        self.used = monotonic()
        return response


class _SecureConnection(_Connection, HTTPSConnection):
    def _new_conn(self) -> socket:
        sock = super()._new_conn()
        connecting.call.stage = Stage.SECURING
        return sock


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    """requests' own adapter, which tries nothing twice and follows no redirect, over connections that end in time."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **_options: Any) -> None:
        self.poolmanager = PoolManager(connections, maxsize=maxsize, block=block, ssl_context=secure_context())
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def cert_verify(self, *_arguments: Any) -> None:
        """The context above verifies; requests would read its bundle of authorities again at each connection."""


@cache
def _adapter(private: bool) -> _Adapter:
    """Shared by all threads. Made at the first call, because reading the authorities takes a while.

    Connections that were made where private addresses are allowed serve no other call.
    """
    return _Adapter(pool_maxsize=CONNECTIONS)
