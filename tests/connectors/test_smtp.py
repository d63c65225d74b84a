"""SMTP: the message as mailboxes get it, and what a server's replies mean at each step."""

from __future__ import annotations

import email
from base64 import b64encode
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, ClassVar

import pytest

from connectors import smtp
from connectors.contract import CannotBuildError, Message, Outcome, Refusal, Reply
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract

TO_ANN = replace(MESSAGE, to="ann@example.com", subject="Your Example code", text="482913 is your code.\n\nKeep it.")


def said(step: str, status: int, words: bytes = b"") -> Reply:
    return Reply(status, {"step": step}, words)


class TestSmtp(ConnectorContract):
    module = smtp
    typed: ClassVar = {
        "host": "smtp.example.com",
        "username": "login",
        "password": SECRET,
        "sender": "login@example.com",
    }
    message: ClassVar = TO_ANN
    accepted = (
        (said("message", 250, b"2.0.0 Ok: queued as 4XyZ1"), "4XyZ1"),
        (said("message", 250, b"Ok 0102018f3c4a-abcdef12-0000"), "0102018f3c4a-abcdef12-0000"),
        (said("message", 250, b"2.0.0 OK 1692 gsmtp"), ""),
        (said("message", 250), ""),
    )
    refused = (
        (said("greeting", 554, b"No SMTP service here"), Refusal.SENDER_OR_TEMPLATE),
        (said("greeting", 421, b"Too busy"), Refusal.TEMPORARY),
        (said("hello", 501), Refusal.SENDER_OR_TEMPLATE),
        (said("starttls", 502, b"no STARTTLS"), Refusal.SENDER_OR_TEMPLATE),
        (said("starttls", 454), Refusal.TEMPORARY),
        (said("login", 535, b"5.7.8 Authentication credentials invalid"), Refusal.BAD_CREDENTIALS),
        (said("login", 535), Refusal.BAD_CREDENTIALS),
        (said("login", 534, b"5.7.9 Application password required"), Refusal.BAD_CREDENTIALS),
        (said("login", 454, b"4.7.0 Temporary authentication failure"), Refusal.TEMPORARY),
        (said("sender", 530, b"5.7.0 Authentication required"), Refusal.BAD_CREDENTIALS),
        (said("sender", 550, b"5.1.1 no such sender"), Refusal.SENDER_OR_TEMPLATE),
        (said("sender", 553), Refusal.SENDER_OR_TEMPLATE),
        (said("recipient", 550), Refusal.BAD_NUMBER),
        (said("recipient", 551), Refusal.BAD_NUMBER),
        (said("recipient", 553), Refusal.BAD_NUMBER),
        (said("recipient", 550, b"5.1.1 <ann@example.com>: Recipient address rejected"), Refusal.BAD_NUMBER),
        (said("recipient", 556, b"5.1.10 takes no mail"), Refusal.BAD_NUMBER),
        (said("recipient", 552, b"5.2.2 mailbox full"), Refusal.BAD_NUMBER),
        (said("recipient", 550, b"5.7.1 relaying denied"), Refusal.SENDER_OR_TEMPLATE),
        (said("recipient", 554, b"5.7.1 relay access denied"), Refusal.SENDER_OR_TEMPLATE),
        (said("recipient", 450, b"4.2.0 greylisted"), Refusal.TEMPORARY),
        (said("recipient", -1, b"garbage"), Refusal.TEMPORARY),
        (said("data", 451), Refusal.TEMPORARY),
        (said("data", 554), Refusal.SENDER_OR_TEMPLATE),
        (said("message", 550, b"5.7.1 looks like spam"), Refusal.SENDER_OR_TEMPLATE),
        (said("message", 550), Refusal.SENDER_OR_TEMPLATE),
        (said("message", 550, b"5.1.1 no such user"), Refusal.BAD_NUMBER),
    )
    unknown = (
        said("message", 451, b"4.3.0 try later"),
        said("message", 421),
        said("message", 251),
        said("message", -1, b"garbage"),
        said("", 250, b"Ok"),
        said("recipient-2", 550),
        Reply(250),
        Reply(550),
    )


config, problems = TestSmtp().config, TestSmtp().problems


def mail(message: Message = TO_ANN, **typed: Any) -> EmailMessage:
    body = smtp.build(config(**typed), message).body
    body.decode("ascii")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) < 998
    parsed = email.message_from_bytes(body, policy=SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found
    return str(found.get_content()).replace("\r\n", "\n")


def test_the_message_has_a_text_and_a_page_and_all_its_headers() -> None:
    built = mail()
    assert (built["From"], built["To"]) == ("Example <login@example.com>", "ann@example.com")
    assert (built["Subject"], built["Message-ID"]) == ("Your Example code", "<0192f3c4@example.com>")
    assert built["Date"].datetime.timestamp() == NOW
    assert built["Auto-Submitted"] == "auto-generated"
    assert built["Reply-To"] is None
    assert built.get_content_type() == "multipart/alternative"
    assert part(built, "plain") == "482913 is your code.\n\nKeep it.\n"
    assert "482913</strong> is your code.</p>\n<p>Keep it.</p>" in part(built, "html")


def test_the_envelope_and_the_credentials_go_beside_it() -> None:
    request = smtp.build(config(), TO_ANN)
    assert request.url == "smtp://smtp.example.com:587"
    assert request.headers == {
        "Mail-From": "login@example.com",
        "Rcpt-To": "ann@example.com",
        "Authorization": "Basic " + b64encode(f"login:{SECRET}".encode()).decode(),
    }
    assert "Authorization" not in smtp.build(config(username="", password=""), TO_ANN).headers


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ({"security": "tls", "port": 465}, "smtps://smtp.example.com:465"),
        (
            {"security": "none", "host": "localhost", "port": 1025, "username": "", "password": ""},
            "smtp+plain://localhost:1025",
        ),
    ],
)
def test_the_security_is_the_scheme(typed: dict[str, Any], url: str) -> None:
    assert problems(**typed) == {}
    assert smtp.build(config(**typed), TO_ANN).url == url


@pytest.mark.parametrize("name", ["Ann, Bob <x@y.z>", "Éé 漢字", 'a"b\\c', "a\r\nBcc: eve@example.com", "", "x" * 200])
def test_no_name_and_no_subject_becomes_a_header(name: str) -> None:
    built = mail(replace(TO_ANN, subject=f"{name} code", application=name))
    assert "Bcc" not in built
    assert [address.addr_spec for address in built["From"].addresses] == ["login@example.com"]
    one_line = "".join(c if c.isprintable() else " " for c in name)
    assert built["From"].addresses[0].display_name == one_line[:100].strip()
    assert built["Subject"] == f"{one_line} code"[:200].strip()


def test_the_senders_own_name_and_the_address_for_replies() -> None:
    built = mail(sender_name="Doorman", reply_to="help@example.com")
    assert (built["From"], built["Reply-To"]) == ("Doorman <login@example.com>", "help@example.com")


def test_what_looks_like_html_is_text() -> None:
    built = mail(replace(TO_ANN, text='<script>482913</script> & "more"\n.\nend'))
    assert "&lt;script&gt;" in part(built, "html")
    assert "<script>" not in part(built, "html")
    assert part(built, "plain") == '<script>482913</script> & "more"\n.\nend\n'


@pytest.mark.parametrize(
    "to",
    [
        "+14155552671",
        "ann@localhost",
        "é@example.com",
        "ann@example.com\r\nRCPT TO:<eve@example.com>",
        "ann@example.com, eve@example.com",
        "<ann@example.com>",
        "@example.com",
        "",
    ],
)
def test_what_is_no_address_is_not_built(to: str) -> None:
    with pytest.raises(CannotBuildError):
        smtp.build(config(), replace(TO_ANN, to=to))


def test_a_message_of_another_attempt_has_the_same_id() -> None:
    again = mail(replace(TO_ANN, sent_at=NOW + 60, nonce="2"))
    assert again["Message-ID"] == mail()["Message-ID"]
    assert again["Date"] != mail()["Date"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"username": ""}, "username"),
        ({"password": ""}, "password"),
        ({"security": "none", "host": "localhost"}, "security"),
        ({"security": "none", "username": "", "password": ""}, "security"),
        ({"security": "none", "username": "", "password": "", "host": "192.0.43.8"}, "security"),
        ({"security": "tls"}, "port"),
        ({"port": 465}, "port"),
        ({"sender": "Example"}, "sender"),
        ({"sender": "a@b.c\nd@e.f"}, "sender"),
        ({"host": "smtp.example.com:25"}, "host"),
        ({"host": "user@smtp.example.com"}, "host"),
        ({"username": "a:b"}, "username"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, Any], field: str) -> None:
    assert list(problems(**typed)) == [field]


@pytest.mark.parametrize("host", ["localhost", "mailpit", "127.0.0.1", "10.1.2.3", "mail.internal", "mail.local"])
def test_a_local_server_may_do_without_security(host: str) -> None:
    assert problems(host=host, security="none", username="", password="") == {}


def test_a_servers_words_are_for_admins() -> None:
    answer = smtp.read(config(), said("recipient", 550, b"5.1.1 <ann@example.com>: unknown\r\n"))
    assert (answer.outcome, answer.code) == (Outcome.REFUSED, "5.1.1")
    assert "unknown" in answer.detail
