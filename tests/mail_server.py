"""A real mail server for tests: takes messages over SMTP, with or without TLS, and misbehaves as it is told.

with MailServer() as server:
    server.answers["RCPT"] = "550 5.1.1 no such user"        a reply of its own to a command
    server.messages                                          what was handed over, as it came
"""

from __future__ import annotations

import contextlib
import re
import socketserver
import ssl
import threading
import time
from base64 import b64decode
from dataclasses import dataclass
from typing import Self

CUT, HANG, DRIP = "cut", "hang", "drip"  # in place of a reply: close, say nothing, a byte at a time for ever


@dataclass(frozen=True)
class Mail:
    """``login``: what was given to AUTH PLAIN; ``secure``: whether it came over TLS."""

    sender: str
    recipient: str
    login: str
    secure: bool
    data: bytes


class MailServer:
    """``tls`` is the path of a certificate with its key; with ``implicit`` TLS is spoken from the start."""

    def __init__(self, tls: str | None = None, *, implicit: bool = False, login: bool = False) -> None:
        self.messages: list[Mail] = []
        self.commands: list[str] = []
        self.answers: dict[str, str] = {}
        self.login = login
        self.implicit = implicit
        self.closing = threading.Event()
        self.context: ssl.SSLContext | None = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(tls)
        self._server = _Listener(("127.0.0.1", 0), _Dialogue)
        self._server.mail_server = self
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    mail_server: MailServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what these tests are about."""


class _Dialogue(socketserver.StreamRequestHandler):
    server: _Listener

    def handle(self) -> None:
        self.mail_server, self.secure, self.login = self.server.mail_server, False, ""
        self.connection.settimeout(20)
        with contextlib.suppress(OSError):
            if self.mail_server.implicit:
                self._secure()
            if self._reply("CONNECT", "220 mail.example.com ESMTP"):
                self._talk()

    def _talk(self) -> None:
        while line := self.rfile.readline():
            command = line.decode().strip()
            verb = re.split(r"[ :]", command)[0].upper()
            self.mail_server.commands.append(verb + command[len(verb) :])
            if not getattr(self, f"do_{verb.lower()}", self._unknown)(command):
                return

    def _reply(self, verb: str, usual: str) -> bool:
        """False where the connection is over."""
        answer = self.mail_server.answers.get(verb, usual)
        if answer == CUT:
            return False
        if answer == HANG:
            self.mail_server.closing.wait(20)
            return False
        if answer == DRIP:
            self._drip()
            return False
        self.wfile.write(answer.encode() + b"\r\n")
        return True

    def _drip(self) -> None:
        ends = time.monotonic() + 20
        self.wfile.write(b"250-")
        while time.monotonic() < ends and not self.mail_server.closing.wait(0.05):
            self.wfile.write(b"x")
            self.wfile.flush()

    def _unknown(self, _command: str) -> bool:
        return self._reply("UNKNOWN", "502 5.5.1 what?")

    def do_ehlo(self, _command: str) -> bool:
        offered = ["mail.example.com", "8BITMIME"]
        if self.mail_server.context and not self.secure:
            offered.append("STARTTLS")
        if self.mail_server.login:
            offered.append("AUTH PLAIN")
        lines = [f"250-{each}" for each in offered[:-1]] + [f"250 {offered[-1]}"]
        return self._reply("EHLO", "\r\n".join(lines))

    def do_starttls(self, _command: str) -> bool:
        if not self._reply("STARTTLS", "220 go ahead"):
            return False
        if self.mail_server.answers.get("STARTTLS", "220").startswith("220"):
            self._secure()
        return True

    def _secure(self) -> None:
        assert self.mail_server.context
        self.connection = self.request = self.mail_server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.secure = True

    def do_auth(self, command: str) -> bool:
        self.login = b64decode(command.split()[2]).decode()
        return self._reply("AUTH", "235 2.7.0 welcome")

    def do_mail(self, command: str) -> bool:
        self.sender = command
        return self._reply("MAIL", "250 2.1.0 Ok")

    def do_rcpt(self, command: str) -> bool:
        self.recipient = command
        return self._reply("RCPT", "250 2.1.5 Ok")

    def do_data(self, _command: str) -> bool:
        if not self._reply("DATA", "354 End data with <CR><LF>.<CR><LF>"):
            return False
        if "DATA" in self.mail_server.answers:
            return True
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        sender, recipient = (each.partition("<")[2].partition(">")[0] for each in (self.sender, self.recipient))
        self.mail_server.messages.append(Mail(sender, recipient, self.login, self.secure, b"".join(lines)))
        return self._reply("BODY", "250 2.0.0 Ok: queued as 4XyZ1")

    def do_quit(self, _command: str) -> bool:
        self._reply("QUIT", "221 bye")
        return False

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()
            self.connection.close()
