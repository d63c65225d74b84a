"""The mailer keeps its bounds against a real mail server that keeps none, and knows what cannot have been sent."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors import smtp
from connectors.contract import Answer, Outcome, Refusal
from connectors.registry import connectors
from connectors.testkit import MESSAGE
from delivery import mailer
from delivery.caller import CallFailed
from delivery.connecting import Stage
from delivery.send import send
from tests.delivery.test_caller import certificate, closed_port  # noqa: F401 - a fixture
from tests.mail_server import CUT, DRIP, HANG, MailServer

TO_ANN = replace(MESSAGE, to="ann@example.com", subject="Your code", text="482913 is your code.\n.\n..dots\nend")
SECRET = "s3cr3t-of-the-admin"
CONFIG: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": 0,
    "security": "none",
    "username": "",
    "password": "",
    "sender": "login@example.com",
    "sender_name": "",
    "reply_to": "",
}


def sent(server: MailServer, **config: Any) -> Answer:
    return send(connectors()["smtp"], CONFIG | {"port": server.port} | config, TO_ANN, private=True)


def failure(server: MailServer, timeout: float | None = None, **config: Any) -> CallFailed:
    request = smtp.build(CONFIG | {"port": server.port} | config, TO_ANN)
    with pytest.raises(CallFailed) as caught:
        mailer.call(replace(request, timeout=timeout), private=True)
    return caught.value


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def trusted(certificate: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: F811
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    mailer._context.cache_clear()
    yield
    mailer._context.cache_clear()


def test_a_message_arrives_as_it_was_built(server: MailServer) -> None:
    answer = sent(server)
    assert (answer.outcome, answer.provider_id) == (Outcome.ACCEPTED, "4XyZ1")
    mail = server.messages[0]
    assert (mail.sender, mail.recipient, mail.secure) == ("login@example.com", "ann@example.com", False)
    assert mail.data == smtp.build(CONFIG, TO_ANN).body
    assert b"\r\n.\r\n..dots\r\nend" in mail.data
    assert server.commands[0] == "EHLO example.com"


# Replies at each step


@pytest.mark.parametrize(
    ("step", "answer", "kind", "code"),
    [
        ("CONNECT", "554 no service", Refusal.SENDER_OR_TEMPLATE, "554"),
        ("CONNECT", "421 busy", Refusal.TEMPORARY, "421"),
        ("EHLO", "501 who?", Refusal.SENDER_OR_TEMPLATE, "501"),
        ("MAIL", "530 5.7.0 sign in", Refusal.BAD_CREDENTIALS, "5.7.0"),
        ("MAIL", "451 4.3.0 later", Refusal.TEMPORARY, "4.3.0"),
        ("RCPT", "550 5.1.1 <ann@example.com>: Ann is unknown", Refusal.BAD_NUMBER, "5.1.1"),
        ("RCPT", "553 no", Refusal.BAD_NUMBER, "553"),
        ("RCPT", "450 4.2.0 greylisted", Refusal.TEMPORARY, "4.2.0"),
        ("RCPT", "554 5.7.1 relay denied", Refusal.SENDER_OR_TEMPLATE, "5.7.1"),
        ("DATA", "451 later", Refusal.TEMPORARY, "451"),
        ("BODY", "550 5.7.1 482913 looks like spam", Refusal.SENDER_OR_TEMPLATE, "5.7.1"),
        ("RCPT", "hello there", Refusal.TEMPORARY, "-1"),
    ],
)
def test_a_refusal_is_known_for_what_it_is(
    server: MailServer, step: str, answer: str, kind: Refusal, code: str
) -> None:
    server.answers[step] = answer
    answered = sent(server)
    assert (answered.outcome, answered.refusal, answered.code) == (Outcome.REFUSED, kind, code)
    assert "ann" not in answered.detail.lower()
    assert "482913" not in answered.detail


@pytest.mark.parametrize("answer", ["451 4.3.0 later", "421 closing", "251 passed on", "hello there", CUT])
def test_after_the_message_only_a_clear_no_is_one(server: MailServer, answer: str) -> None:
    server.answers["BODY"] = answer
    assert sent(server).outcome is Outcome.UNKNOWN
    assert len(server.messages) == 1


# Faults


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_cut_before_the_message_sent_nothing(server: MailServer, step: str) -> None:
    server.answers[step] = CUT
    failed = failure(server)
    assert not failed.sent
    answer = sent(server)
    assert (answer.outcome, answer.refusal) == (Outcome.REFUSED, Refusal.TEMPORARY)
    assert server.messages == []


@pytest.mark.parametrize("fault", [DRIP, HANG])
@pytest.mark.parametrize(("step", "may_be_sent"), [("CONNECT", False), ("RCPT", False), ("BODY", True)])
def test_a_server_that_drips_or_hangs_is_cut_in_time(
    server: MailServer, fault: str, step: str, may_be_sent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailer, "SECONDS", 60)
    server.answers[step] = fault
    started = time.monotonic()
    failed = failure(server, timeout=2.0 if may_be_sent else 0.3)  # the whole dialogue comes before the last step
    assert time.monotonic() - started < 20
    assert failed.sent is may_be_sent


@pytest.mark.parametrize("flood", ["250-" + "x" * 500 + "\r\n", "250-" + "x" * 10_000 + "\r\n"])
def test_an_endless_answer_is_read_to_a_limit(server: MailServer, flood: str) -> None:
    server.answers["BODY"] = flood * 1000
    assert failure(server).sent
    server.answers["CONNECT"] = flood * 1000
    assert not failure(server).sent


def test_nobody_there_sent_nothing() -> None:
    request = smtp.build(CONFIG | {"port": closed_port()}, TO_ANN)
    with pytest.raises(CallFailed) as caught:
        mailer.call(request, private=True)
    assert (caught.value.sent, caught.value.reason) == (False, Stage.CONNECTING.value)


def test_a_failure_quotes_nothing(server: MailServer) -> None:
    server.answers["RCPT"] = CUT
    words = "".join(traceback.format_exception(failure(server)))
    for hidden in ("ann@example.com", "482913", SECRET):
        assert hidden not in words


# TLS and signing in


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("security", "implicit"), [("starttls", False), ("tls", True)])
def test_over_tls_it_signs_in_and_sends(certificate: str, security: str, implicit: bool) -> None:  # noqa: F811
    with MailServer(certificate, implicit=implicit, login=True) as server:
        answer = sent(server, security=security, username="login", password=SECRET)
        assert answer.outcome is Outcome.ACCEPTED, answer
        assert (server.messages[0].secure, server.messages[0].login) == (True, f"\0login\0{SECRET}")


@pytest.mark.usefixtures("trusted")
def test_wrong_credentials_are_told(certificate: str) -> None:  # noqa: F811
    with MailServer(certificate, login=True) as server:
        server.answers["AUTH"] = "535 5.7.8 Authentication credentials invalid"
        answer = sent(server, security="starttls", username="login", password=SECRET)
        assert (answer.refusal, answer.code) == (Refusal.BAD_CREDENTIALS, "5.7.8")
        assert server.messages == []


@pytest.mark.usefixtures("trusted")
def test_a_server_without_a_way_to_sign_in_is_told(certificate: str) -> None:  # noqa: F811
    with MailServer(certificate) as server:
        answer = sent(server, security="starttls", username="login", password=SECRET)
        assert answer.outcome is Outcome.REFUSED
        assert "no way to sign in" in answer.detail


def test_without_starttls_nothing_goes_out(server: MailServer) -> None:
    answer = sent(server, security="starttls", username="login", password=SECRET)
    assert (answer.outcome, answer.refusal) == (Outcome.REFUSED, Refusal.SENDER_OR_TEMPLATE)
    assert "STARTTLS" in answer.detail
    assert server.commands[:1] == ["EHLO example.com"]
    assert not [command for command in server.commands if command.startswith(("AUTH", "MAIL"))]


@pytest.mark.parametrize(("security", "implicit"), [("starttls", False), ("tls", True)])
def test_a_wrong_certificate_is_refused_and_nothing_is_sent(certificate: str, security: str, implicit: bool) -> None:  # noqa: F811
    with MailServer(certificate, implicit=implicit, login=True) as server:
        failed = failure(server, security=security, username="login", password=SECRET)
        assert (failed.sent, failed.reason) == (False, Stage.SECURING.value)
        assert "self-signed certificate" in failed.detail
        assert [command for command in server.commands if command.startswith(("AUTH", "MAIL"))] == []


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_name_is_refused(certificate: str) -> None:  # noqa: F811
    with MailServer(certificate) as server:
        failed = failure(server, security="starttls", host="localhost")
        assert (failed.sent, failed.reason) == (False, Stage.SECURING.value)


@pytest.mark.usefixtures("trusted")
def test_what_was_said_before_tls_is_forgotten(certificate: str) -> None:  # noqa: F811
    """Or whoever puts an answer in before the handshake would be one answer ahead from there on."""
    with MailServer(certificate, login=True) as server:
        server.answers["STARTTLS"] = "220 go ahead\r\n250 injected"
        answer = sent(server, security="starttls", username="login", password=SECRET)
        assert answer.outcome is Outcome.ACCEPTED
        assert (server.messages[0].secure, server.messages[0].login) == (True, f"\0login\0{SECRET}")


def test_a_private_address_is_called_only_where_it_may_be(server: MailServer) -> None:
    answer = send(connectors()["smtp"], CONFIG | {"port": server.port}, TO_ANN, private=False)
    assert (answer.outcome, answer.refusal) == (Outcome.REFUSED, Refusal.TEMPORARY)
    assert answer.detail.startswith(Stage.PRIVATE.value)
    assert server.commands == []
