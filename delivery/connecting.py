"""Connections that end in time, whatever the other side does.

Every read and write on a socket is given only the time that the call has left, so a server that sends a byte a second
is cut like one that sends nothing. Looking up the name, connecting and the TLS handshake count too.
"""

from __future__ import annotations

import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from time import monotonic
from typing import Any

from settings.fields import N_

CONNECT_SECONDS = 3.0  # for the name, for each address, for the TLS handshake


class Stage(Enum):
    """How far a call came, and what to tell the admin where it ended there."""

    WRITING = N_("The request could not be written: check the address and the headers.")
    LOOKUP = N_("The provider's name was not found.")
    CONNECTING = N_("The provider could not be reached.")
    SECURING = N_("There was no secure connection to the provider.")
    SENT = N_("The provider gave no whole answer.")


class Call(threading.local):
    """The call that this thread makes."""

    ends = 0.0
    stage = Stage.WRITING

    def start(self, seconds: float) -> None:
        self.stage = Stage.WRITING
        self.ends = monotonic() + seconds

    def left(self, at_most: float = float("inf")) -> float:
        left = self.ends - monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, at_most)


call = Call()


class Socket(socket.socket):
    """Waits no longer than the call may take, and notes that something went out."""

    def send(self, *args: Any) -> int:
        call.stage = Stage.SENT
        self.settimeout(call.left())
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        call.stage = Stage.SENT
        self.settimeout(call.left())
        super().sendall(*args)

    def recv_into(self, *args: Any) -> int:
        self.settimeout(call.left())
        return super().recv_into(*args)


class SecureSocket(Socket, ssl.SSLSocket):
    """The same over TLS."""


def connect(host: str, port: int) -> socket.socket:
    """A connection to the first address that answers, with the time for a TLS handshake set."""
    failure = OSError()
    for family, kind, protocol, _name, address in _addresses(host, port):
        sock = Socket(family, kind, protocol)
        try:
            sock.settimeout(call.left(CONNECT_SECONDS))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(call.left(CONNECT_SECONDS))
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


_lookups = ThreadPoolExecutor(8, "lookup")


def _addresses(host: str, port: int) -> list[Any]:
    """What ``getaddrinfo`` says. In a thread, because the system's look-up knows no time limit."""
    call.stage = Stage.LOOKUP
    lookup = _lookups.submit(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
    try:
        addresses = lookup.result(call.left(CONNECT_SECONDS))
    finally:
        lookup.cancel()
    call.stage = Stage.CONNECTING
    return addresses
