"""Connections that end in time, whatever the other side does.

Every read and write on a socket is given only the time that the call has left, so a server that sends a byte a second
is cut like one that sends nothing. Looking up the name, connecting and the TLS handshake count too.

Where private addresses are not allowed, the address that is about to be connected to is looked at, and not the name:
a name that answers otherwise the next time gains nothing.
"""

from __future__ import annotations

import errno
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from time import monotonic
from typing import Any

from rules.addresses import is_public
from settings.fields import N_

CONNECT_SECONDS = 3.0  # for the name, for each address, for the TLS handshake


class Stage(Enum):
    """How far a call came, and what to tell the admin where it ended there."""

    WRITING = N_("The request could not be written: check the address and the headers.")
    LOOKUP = N_("The provider's name was not found.")
    CONNECTING = N_("The provider could not be reached.")
    PRIVATE = N_(
        "The provider's address is a private one, and those are not called. If it is meant to be, whoever runs Doorcode"
        " can allow it with DOORCODE_PRIVATE_ADDRESSES=on."
    )
    SECURING = N_("There was no secure connection to the provider.")
    TALKING = N_("The mail server broke off before it had the message.")
    SENT = N_("The provider gave no whole answer.")


class Call(threading.local):
    """The call that this thread makes."""

    ends = 0.0
    stage = Stage.WRITING
    private = False

    def start(self, seconds: float, *, private: bool) -> None:
        """``private``: whether private addresses may be called."""
        self.stage = Stage.WRITING
        self.private = private
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
            _see_to_privacy(address[0])
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


def _see_to_privacy(address: str) -> None:
    call.stage = Stage.CONNECTING
    if not call.private and not is_public(address):
        call.stage = Stage.PRIVATE
        raise PermissionError(errno.EACCES, "private address")


# More than there are calls at once: names that hang, whose threads end long after their calls, hold no other name.
_lookups = ThreadPoolExecutor(128, "lookup")


def _addresses(host: str, port: int) -> list[Any]:
    """What ``getaddrinfo`` says. In a thread, because the system's look-up knows no time limit."""
    call.stage = Stage.LOOKUP
    lookup = _lookups.submit(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
    try:
        return lookup.result(call.left(CONNECT_SECONDS))
    finally:
        lookup.cancel()
