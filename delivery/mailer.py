"""The one place that speaks with mail servers (SMTP, RFC 5321), and trusts none of them.

A dialogue ends within 8 s. Of an answer at most 64 KiB are read. TLS is verified, and without it nothing goes out,
unless the address says ``smtp+plain``. One message a connection, and nothing is tried twice.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import sys
from base64 import b64decode
from contextlib import closing, suppress
from functools import cache
from socket import socket
from typing import BinaryIO
from urllib.parse import urlsplit

from connectors.contract import Reply, Request
from delivery import connecting
from delivery.caller import LONGEST_BODY, SECONDS, CallFailed, detail_of, secure_context
from delivery.connecting import Stage

SCHEMES = ("smtp", "smtps", "smtp+plain")
READY, GO_ON = 220, 354
TAKEN = (250, 251)  # 251: it is passed on to another server


def call(request: Request, *, private: bool) -> Reply:
    """Hand a message to a mail server, at a private address only if ``private``. Raises :class:`CallFailed` and nothing
    else.

    The reply is the server's last word: ``status`` the code, ``headers["step"]`` what was answered (connectors/smtp.py
    names the steps), the body its words.
    """
    outer = sys.exception()
    connecting.call.start(min(SECONDS, request.timeout or SECONDS), private=private)
    dialogue = _Dialogue(request)
    try:
        return dialogue.run()
    except smtplib.SMTPResponseException as error:
        return dialogue.reply(error.smtp_code, error.smtp_error)
    except Exception as error:  # of three libraries, at the hands of whoever answers
        failure = CallFailed(dialogue.stage(), detail_of(error, outer))
    raise failure  # outside of the handler, so that no exception that quotes the message hangs on it


class _Dialogue:
    """``step`` is what the server answers next. It may have the message from the step ``message`` on."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.step = "greeting"

    def stage(self) -> Stage:
        """How far it came, as the admin is told."""
        stage = connecting.call.stage
        return Stage.TALKING if stage is Stage.SENT and self.step != "message" else stage

    def reply(self, status: int, words: bytes | str) -> Reply:
        return Reply(status, {"step": self.step}, words if isinstance(words, bytes) else words.encode())

    def run(self) -> Reply:
        address = urlsplit(self.request.url)
        name = self.request.headers["Mail-From"].rpartition("@")[2]
        implicit = address.scheme == "smtps"
        with closing(_Server(address.hostname or "", address.port or 0, name, implicit=implicit)) as server:
            refusal = self._greet(server, address.hostname or "", starttls=address.scheme == "smtp")
            reply = refusal or self._login(server) or self._hand_over(server)
            with suppress(OSError, smtplib.SMTPException):
                server.putcmd("QUIT")  # politely; nobody waits for the answer
            return reply

    def _greet(self, server: _Server, host: str, *, starttls: bool) -> Reply | None:
        """None where all is well."""
        self.step = "hello"
        status, words = server.ehlo()
        if status != TAKEN[0] or not starttls:
            return None if status == TAKEN[0] else self.reply(status, words)
        self.step = "starttls"
        if not server.has_extn("starttls"):
            return self.reply(502, "The server offers no STARTTLS.")
        status, words = server.docmd("STARTTLS")
        if status != READY:
            return self.reply(status, words)
        server.secure(host)
        self.step = "hello"
        status, words = server.ehlo()
        return None if status == TAKEN[0] else self.reply(status, words)

    def _login(self, server: _Server) -> Reply | None:
        self.step = "login"
        given = self.request.headers.get("Authorization", "")
        if not given:
            return None
        username, _colon, password = b64decode(given.removeprefix("Basic ")).decode().partition(":")
        try:
            server.login(username, password)  # raises the server's own refusal
        except smtplib.SMTPNotSupportedError:
            return self.reply(502, "The server offers no way to sign in that is known here.")
        return None

    def _hand_over(self, server: _Server) -> Reply:
        self.step = "sender"
        status, words = server.mail(self.request.headers["Mail-From"])
        if status != TAKEN[0]:
            return self.reply(status, words)
        self.step = "recipient"
        status, words = server.rcpt(self.request.headers["Rcpt-To"])
        if status not in TAKEN:
            return self.reply(status, words)
        self.step = "data"
        status, words = server.docmd("DATA")
        if status != GO_ON:
            return self.reply(status, words)
        self.step = "message"
        server.send(_framed(self.request.body))
        return self.reply(*server.getreply())


def _framed(body: bytes) -> bytes:
    """With each dot at the start of a line doubled, and the one that ends it all (RFC 5321, 4.5.2)."""
    lines = re.sub(rb"(?m)^\.", b"..", body)
    return lines + (b".\r\n" if lines.endswith(b"\r\n") else b"\r\n.\r\n")


class _Lines:
    """What a server says, up to a limit in all."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = LONGEST_BODY

    def readline(self, limit: int) -> bytes:
        line = self._file.readline(min(limit, self._left + 1))
        self._left -= len(line)
        if self._left < 0:
            raise ConnectionError("too long an answer")
        return line

    def close(self) -> None:
        self._file.close()


class _Server(smtplib.SMTP):
    """smtplib's own, over connections that end in time. ``name`` is ours, and ``implicit`` means TLS from the start."""

    def __init__(self, host: str, port: int, name: str, *, implicit: bool) -> None:
        self._implicit = implicit
        super().__init__(host, port, local_hostname=name)

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket:
        self.sock = connecting.connect(host, port)
        if self._implicit:
            self.secure(host)
        return self.sock

    def secure(self, host: str) -> None:
        """Speak TLS from here on. What was said before is forgotten: it might have been anybody's."""
        connecting.call.stage = Stage.SECURING
        assert self.sock
        self.sock.settimeout(connecting.call.left(connecting.CONNECT_SECONDS))
        self.sock = _context().wrap_socket(self.sock, server_hostname=host)
        self.file = None
        self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock:
            self.file = _Lines(self.sock.makefile("rb"))
        try:
            return super().getreply()
        except smtplib.SMTPResponseException as error:  # smtplib's own word, for a line that is too long
            raise ConnectionError("too long a line") from error


@cache
def _context() -> ssl.SSLContext:
    """Made at the first call, because reading the authorities takes a while."""
    return secure_context()
