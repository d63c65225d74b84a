"""E-mail through a mail server (SMTP submission, RFC 6409).

https://www.rfc-editor.org/rfc/rfc5321#section-4.2   the replies
https://www.rfc-editor.org/rfc/rfc3463               the codes within them, such as 5.1.1
https://www.rfc-editor.org/rfc/rfc4954#section-6     those of signing in
https://www.rfc-editor.org/rfc/rfc5322               the message
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from ipaddress import ip_address
from typing import Any

from connectors.contract import (
    EMAIL,
    Answer,
    CannotBuildError,
    Message,
    Refusal,
    Reply,
    Request,
    accepted,
    basic_auth,
    refused,
    spelled,
    unknown,
)
from settings.fields import N_, Field, Kind, Problem

TITLE = "SMTP"
SUMMARY = N_("E-mail through any mail server: your own, or a provider's.")
CHANNELS = (EMAIL,)

ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
ADDRESS_HINT = N_("Type an address, such as login@example.com.")
SECURITY = (
    ("starttls", N_("STARTTLS, mostly port 587")),
    ("tls", N_("TLS from the start, mostly port 465")),
    ("none", N_("None: for a server of your own, on this machine or in its network")),
)
SCHEMES = {"starttls": "smtp", "tls": "smtps", "none": "smtp+plain"}
LOCAL = (".localhost", ".local", ".internal", ".lan", ".home.arpa")

FIELDS = (
    Field(
        "host",
        N_("Server"),
        required=True,
        pattern=r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?",
        hint=N_("Type the server's name or IPv4 address, such as smtp.example.com."),
    ),
    Field("port", N_("Port"), Kind.NUMBER, 587, minimum=1, maximum=65535),
    Field("security", N_("Security"), Kind.CHOICE, "starttls", choices=SECURITY),
    Field(
        "username",
        N_("User name"),
        pattern=r"[!-9;-~]+",
        hint=N_("A user name has no spaces, colons and accents."),
        help=N_("Empty: the server takes messages without signing in."),
    ),
    Field("password", N_("Password"), secret=True, pattern=r"[ -~]+", hint=N_("A password has no accents.")),
    Field(
        "sender",
        N_("Sender"),
        required=True,
        pattern=ADDRESS,
        hint=ADDRESS_HINT,
        help=N_("The address that messages come from. The server must be allowed to send for its domain."),
    ),
    Field("sender_name", N_("Sender's name"), help=N_("Empty: the application's.")),
    Field("reply_to", N_("Replies to"), pattern=ADDRESS, hint=ADDRESS_HINT, help=N_("Empty: the sender.")),
)

# What the codes of RFC 3463 mean of the recipient, or of us. Those that are left out go by the step and the reply.
ERRORS = {
    # 3.2: no such mailbox, no such system, a bad address, moved; 5.1.10 takes no mail at all (RFC 7505)
    **dict.fromkeys(("5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10"), Refusal.BAD_NUMBER),
    # 3.3: the mailbox is closed, or full
    **dict.fromkeys(("5.2.1", "5.2.2"), Refusal.BAD_NUMBER),
    # RFC 4954: wrong credentials, none given, too weak
    **dict.fromkeys(("5.7.8", "5.7.9", "5.5.4", "5.7.11"), Refusal.BAD_CREDENTIALS),
}
NEEDS_LOGIN = 530  # RFC 4954
NO_MAILBOX = (550, 551, 553)
OF_THE_RECIPIENT = ("recipient", "message")
# How far the dialogue came. Only at the last step the server has the message.
STEPS = ("greeting", "hello", "starttls", "login", "sender", "recipient", "data", "message")


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    found = {}
    if bool(config["username"]) != bool(config["password"]):
        missing = "password" if config["username"] else "username"
        found[missing] = Problem(N_("Give both the user name and the password, or neither."))
    if config["security"] == "none" and config["password"]:
        found["security"] = Problem(N_("A password is sent over a secure connection only."))
    elif config["security"] == "none" and not _is_local(config["host"]):
        found["security"] = Problem(N_("This server is elsewhere: codes are sent there over a secure connection only."))
    if (config["security"], config["port"]) in (("starttls", 465), ("tls", 587)):
        found["port"] = Problem(N_("This port is mostly the one of the other kind of security."))
    return found


def _is_local(host: str) -> bool:
    """Whether a name says that it is of this machine or its network."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.lower().endswith(LOCAL)


def build(config: Mapping[str, Any], message: Message) -> Request:
    if not re.fullmatch(ADDRESS, message.to):
        raise CannotBuildError("SMTP takes e-mail addresses without accents only.")
    headers = {"Mail-From": config["sender"], "Rcpt-To": message.to}
    if config["username"]:
        headers["Authorization"] = basic_auth(config["username"], config["password"])
    url = f"{SCHEMES[config['security']]}://{config['host']}:{config['port']}"
    return Request("POST", url, headers, _mail(config, message).as_bytes())


def _mail(config: Mapping[str, Any], message: Message) -> EmailMessage:
    mail = EmailMessage(SMTP)
    name = config["sender_name"] or message.application
    mail["From"] = Address(spelled(name, 100), addr_spec=config["sender"])
    mail["To"] = Address(addr_spec=message.to)
    mail["Subject"] = spelled(message.subject, 200)
    mail["Date"] = format_datetime(datetime.fromtimestamp(message.sent_at, UTC))
    # The same at each attempt, so that a mailbox can tell a message that comes twice.
    mail["Message-ID"] = f"<{message.id}@{config['sender'].rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
    mail["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
    if config["reply_to"]:
        mail["Reply-To"] = Address(addr_spec=config["reply_to"])
    # Quoted-printable fits every server; nothing that it writes begins with the boundary's "=_".
    mail.set_content(_printable(message.text), cte="quoted-printable")
    mail.add_alternative(_page(message), subtype="html", cte="quoted-printable")
    mail.set_boundary(f"=_{hashlib.sha256(message.id.encode()).hexdigest()[:32]}")
    return mail


def _printable(text: str) -> str:
    lines = text.splitlines()
    return "\n".join(spelled(line, len(line)) for line in lines) + "\n"


def _page(message: Message) -> str:
    """The text as plain HTML, a paragraph for each, with a code that is easy to read."""
    paragraphs = [escape(each).replace("\n", "<br>\n") for each in _printable(message.text).strip().split("\n\n")]
    if message.code:
        large = f'<strong style="font-size:150%;letter-spacing:.1em">{escape(message.code)}</strong>'
        paragraphs = [each.replace(message.code, large) for each in paragraphs]
    body = "\n".join(f"<p>{each}</p>" for each in paragraphs)
    style = "font-family:system-ui,sans-serif;font-size:16px;line-height:1.5;max-width:36em"
    page = f'<html lang="{escape(message.locale)}"><head><meta charset="utf-8"><title>{escape(message.subject)}</title>'
    return f'<!doctype html>\n{page}</head>\n<body dir="auto" style="{style}">\n{body}\n</body></html>\n'


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    """The server's last word, with the step that it belongs to."""
    words, step = spelled(reply.body.decode("utf-8", "replace")), reply.headers.get("step", "")
    if step == "message" and reply.status == 250:
        return accepted(_queue_id(words))
    inner = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", words)
    code = inner[0] if inner else str(reply.status)
    if step in STEPS and 500 <= reply.status < 600:  # also of the message: a server that says so has not taken it
        return refused(_kind(step, reply.status, code), code, words)
    if step in STEPS and step != "message":
        return refused(Refusal.TEMPORARY, code, words)
    return unknown(code, words)


def _kind(step: str, status: int, code: str) -> Refusal:
    if step == "login" or status == NEEDS_LOGIN:
        return Refusal.BAD_CREDENTIALS
    kind = ERRORS.get(code)
    if kind is Refusal.BAD_NUMBER and step not in OF_THE_RECIPIENT:
        kind = None  # it speaks of the sender
    if kind is None and step == "recipient" and status in NO_MAILBOX and code == str(status):
        return Refusal.BAD_NUMBER
    return kind or Refusal.SENDER_OR_TEMPLATE


def _queue_id(words: str) -> str:
    """The server's number of the message, as Postfix and Amazon write it; "" of others."""
    found = re.search(r"queued as ([\w.-]+)|\bOk ([0-9a-f-]{16,})", words)
    return (found[1] or found[2]) if found else ""
