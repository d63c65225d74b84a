"""The caller keeps its bounds against a real server that keeps none."""

from __future__ import annotations

import datetime
import ipaddress
import logging
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Reply, Request
from delivery import caller, connecting
from delivery.caller import CallFailed
from delivery.connecting import Stage
from tests.provider import Provider

SECRET = "s3cr3t-482913"
SOON = 20  # seconds: longer than the busiest machine holds a call up, and shorter than what is cut would last
UNCUT = 60


@pytest.fixture(autouse=True)
def _uncut(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be cut in time would last long, so that no test needs a quick machine."""
    monkeypatch.setattr(caller, "SECONDS", UNCUT)
    monkeypatch.setattr(connecting, "CONNECT_SECONDS", UNCUT)


def ask(url: str, *, method: str = "POST", timeout: float | None = None) -> Reply:
    headers = {"Authorization": f"Basic {SECRET}", "Content-Type": "text/plain"}
    body = b"" if method == "GET" else f"code {SECRET}".encode()
    return caller.call(Request(method, f"{url}/send?key={SECRET}", headers, body, timeout), private=True)


def failure(url: str, timeout: float | None = None) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        ask(url, timeout=timeout)
    return caught.value


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_sends_the_request_as_it_stands_and_returns_the_reply(provider: Provider) -> None:
    provider.answer(201, {"sid": "SM1"}, {"X-One": "1"})
    reply = ask(provider.url)
    seen = provider.requests[0]
    assert (seen.method, seen.path, seen.body) == ("POST", f"/send?key={SECRET}", f"code {SECRET}".encode())
    assert seen.headers["authorization"] == f"Basic {SECRET}"
    assert seen.headers["content-type"] == "text/plain"
    assert seen.headers["accept-encoding"] == "identity"
    assert (reply.status, reply.json(), reply.headers["x-one"]) == (201, {"sid": "SM1"}, "1")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
def test_other_methods_work(provider: Provider, method: str) -> None:
    assert ask(provider.url, method=method).status == 200
    assert provider.requests[0].method == method


@pytest.mark.parametrize("status", [204, 400, 429, 500, 503])
def test_every_status_is_a_reply_and_nothing_is_tried_twice(provider: Provider, status: int) -> None:
    provider.answer(status, b"", {"Retry-After": "1"})
    assert ask(provider.url).status == status
    assert len(provider.requests) == 1


def test_a_redirect_is_a_reply_and_is_not_followed(provider: Provider) -> None:
    provider.redirect(f"{provider.url}/elsewhere", 307)
    assert ask(provider.url).status == 307
    assert len(provider.requests) == 1


def test_a_connection_is_used_again(provider: Provider) -> None:
    for _ in range(5):
        ask(provider.url)
    assert provider.connections == 1


def test_an_idle_connection_is_not(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "IDLE_SECONDS", 0.05)
    ask(provider.url)
    time.sleep(0.1)
    ask(provider.url)
    assert [seen.connection for seen in provider.requests] == [1, 2]


def test_a_connection_that_the_server_closed_meanwhile_is_not_used(provider: Provider) -> None:
    provider.answer_and_cut(200)
    for _ in range(5):
        assert ask(provider.url).status == 200
        provider.wait_for_ends(provider.connections)
    assert provider.connections == 5


# Where nothing can have been sent


def test_refused_connection_sent_nothing() -> None:
    failed = failure(f"http://127.0.0.1:{closed_port()}")
    assert (failed.sent, failed.reason) == (False, Stage.CONNECTING.value)
    assert "refused" in failed.detail


def test_unknown_name_sent_nothing() -> None:
    failed = failure("http://provider.invalid")
    assert (failed.sent, failed.reason) == (False, Stage.LOOKUP.value)


def test_a_look_up_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: over.wait(UNCUT))
    started = time.monotonic()
    failed = failure("http://provider.example", timeout=0.3)
    over.set()
    assert time.monotonic() - started < SOON
    assert (failed.sent, failed.reason) == (False, Stage.LOOKUP.value)


def test_names_that_hang_hold_no_other(monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    over, real = threading.Event(), socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more: over.wait(2 * UNCUT) if host == "dead.example" else real(host, *more)
    )
    for _ in range(20):  # an earlier call of each was given up; its thread goes on
        connecting._lookups.submit(socket.getaddrinfo, "dead.example", 80)
    try:
        assert ask(provider.url).status == 200
    finally:
        over.set()


def test_connecting_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full backlog: the system answers no further connection, as a firewall that drops packets does."""
    monkeypatch.setattr(connecting, "CONNECT_SECONDS", 0.3)
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for sock in (first, second):
            sock.setblocking(False)
            sock.connect_ex(deaf.getsockname())
        started = time.monotonic()
        failed = failure(f"http://127.0.0.1:{deaf.getsockname()[1]}")
    assert 0.2 < time.monotonic() - started < SOON
    assert (failed.sent, failed.reason) == (False, Stage.CONNECTING.value)


def test_all_addresses_together_get_the_time_of_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for sock in (first, second):
            sock.setblocking(False)
            sock.connect_ex(deaf.getsockname())
        addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", deaf.getsockname())] * 20
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_: addresses)
        started = time.monotonic()
        failed = failure("http://provider.example", timeout=0.5)
    assert time.monotonic() - started < SOON
    assert not failed.sent


def test_the_next_address_is_tried(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in (closed_port(), provider.port)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: both)
    assert ask("http://provider.example").status == 200


@pytest.mark.parametrize(
    "url",
    ["development:messages", "ftp://127.0.0.1", "file:///etc/passwd", "//127.0.0.1", "", "http://", "http://[::1"],
)
def test_only_whole_http_addresses_are_called(url: str) -> None:
    with pytest.raises(CallFailed) as caught:
        caller.call(Request("POST", url), private=True)
    assert (caught.value.sent, caught.value.reason) == (False, Stage.WRITING.value)


@pytest.mark.parametrize(
    "headers", [{"X-Key": f"{SECRET}\r\nX-Evil: 1"}, {f"X {SECRET}\n": "1"}, {"X-Key": f"{SECRET} ключ"}]
)
def test_a_header_that_cannot_be_written_sends_nothing_and_is_not_quoted(
    provider: Provider, headers: dict[str, str]
) -> None:
    with pytest.raises(CallFailed) as caught:
        caller.call(Request("POST", provider.url, headers), private=True)
    assert not caught.value.sent
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert provider.requests == []


# Where the message may have been sent


@pytest.mark.parametrize("bad", ["drip_body", "drip_headers"])
def test_a_drip_is_cut_at_the_end_of_the_call(provider: Provider, bad: str) -> None:
    getattr(provider, bad)(0.05)
    started = time.monotonic()
    failed = failure(provider.url, timeout=0.6)
    assert 0.5 < time.monotonic() - started < SOON
    assert (failed.sent, failed.detail) == (True, "TimeoutError")


def test_silence_is_cut_at_the_end_of_the_call(provider: Provider) -> None:
    provider.delay(UNCUT)
    started = time.monotonic()
    assert failure(provider.url, timeout=0.6).sent
    assert time.monotonic() - started < SOON


def test_no_request_asks_for_more_than_the_caller_gives(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "SECONDS", 0.6)
    provider.delay(UNCUT)
    started = time.monotonic()
    assert failure(provider.url, timeout=60).sent
    assert time.monotonic() - started < SOON


def test_a_server_that_does_not_read_is_cut(provider: Provider) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        started = time.monotonic()
        with pytest.raises(CallFailed) as caught:
            caller.call(
                Request("POST", f"http://127.0.0.1:{deaf.getsockname()[1]}", {}, bytes(20_000_000), 0.5), private=True
            )
    assert time.monotonic() - started < SOON
    assert caught.value.sent


def test_a_server_that_stops_reading_on_a_kept_connection_is_cut_by_the_time_of_the_new_call() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            kept.append(server.accept()[0])
            kept[0].recv(65_536)
            kept[0].sendall(b"HTTP/1.1 204 Fine\r\n\r\n")

        kept: list[socket.socket] = []
        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert caller.call(Request("GET", url), private=True).status == 204
        thread.join()
        started = time.monotonic()
        with pytest.raises(CallFailed) as caught:
            caller.call(Request("POST", url, {}, bytes(20_000_000), 0.5), private=True)
        assert time.monotonic() - started < SOON
        assert caught.value.sent
        kept[0].close()


def test_a_cut_before_or_after_reading_is_unsure(provider: Provider) -> None:
    provider.cut_before_reading()
    assert failure(provider.url).sent
    provider.cut_after_reading()
    provider.reads = True
    assert failure(provider.url).sent
    provider.cut_after_reading(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{")
    assert failure(provider.url).sent


@pytest.mark.parametrize(
    "garbage", [b"\x00\xff\x00", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/9.9 200 \r\n"]
)
def test_garbage_is_unsure_and_not_quoted(provider: Provider, garbage: bytes) -> None:
    provider.cut_after_reading(garbage + SECRET.encode())
    failed = failure(provider.url)
    assert failed.sent
    assert SECRET not in str(failed)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]),
    rest=st.binary(),
)
def test_whatever_comes_back_there_is_a_reply_or_a_failed_call(provider: Provider, start: bytes, rest: bytes) -> None:
    provider.cut_after_reading(start + rest)
    try:
        assert isinstance(ask(provider.url, timeout=2), Reply)
    except CallFailed as failed:
        assert failed.sent  # noqa: PT017 (a reply is right too)


def test_endless_interim_replies_are_cut(provider: Provider) -> None:
    provider.cut_after_reading(b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000)
    assert failure(provider.url, timeout=2).sent


# Size


def test_at_most_64_kib_of_a_body_are_read(provider: Provider) -> None:
    provider.huge(20_000_000, 201)
    reply = ask(provider.url)
    assert (reply.status, len(reply.body)) == (201, 65_536)
    provider.answer(200, b"fine")
    assert ask(provider.url).body == b"fine", "what was left of the huge body must not be read as the next reply"


def test_nothing_is_decompressed(provider: Provider) -> None:
    provider.gzip_bomb(50_000_000)
    reply = ask(provider.url)
    assert reply.status == 200
    assert reply.body.startswith(b"\x1f\x8b")
    assert len(reply.body) <= 65_536


# Secrets and surroundings


@pytest.mark.parametrize("bad", ["cut_after_reading", "drip_body", "drip_headers"])
def test_no_secret_is_in_an_exception(provider: Provider, bad: str) -> None:
    getattr(provider, bad)()
    failed = failure(provider.url, timeout=0.3)
    assert SECRET not in "".join(traceback.format_exception(failed)) + repr(failed) + repr(vars(failed))
    assert failed.__context__ is None
    assert failed.__cause__ is None


def test_no_secret_is_in_a_log_even_at_debug(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(provider.url)
        provider.cut_after_reading(b"HTTP/1.1 200 OK\r\n: bad header\r\n\r\n")
        ask(provider.url)
        provider.cut_after_reading()
        failure(provider.url)
    assert SECRET not in caplog.text


def test_the_reason_is_that_of_this_call_not_of_an_earlier_failure() -> None:
    try:
        raise ssl_error_of_before()
    except ValueError:
        failed = failure(f"http://127.0.0.1:{closed_port()}")
    assert "refused" in failed.detail


def ssl_error_of_before() -> ValueError:
    return ValueError(SECRET)


def test_proxies_and_netrc_of_the_environment_are_not_used(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    caller.call(Request("POST", provider.url), private=True)
    assert "authorization" not in provider.requests[0].headers


def test_threads_do_not_share_their_time(provider: Provider) -> None:
    """A short call ends beside a long one, which goes on."""
    release = provider.hold()
    replies: list[int] = []
    long = threading.Thread(target=lambda: replies.append(ask(provider.url).status))
    long.start()
    provider.wait_for(1)
    assert failure(provider.url, timeout=0.5).sent
    release()
    long.join()
    assert replies == [200]


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A self-signed certificate for 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "provider")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return str(path)


@pytest.fixture
def trusted(certificate: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The certificate is one of the system's authorities."""
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    caller._adapter.cache_clear()
    yield
    caller._adapter.cache_clear()


def test_a_self_signed_certificate_is_refused_and_nothing_is_sent(certificate: str) -> None:
    with Provider(tls=certificate) as provider:
        failed = failure(provider.url)
        assert (failed.sent, failed.reason) == (False, Stage.SECURING.value)
        assert "self-signed certificate" in failed.detail
        assert provider.requests == []


@pytest.mark.usefixtures("trusted")
def test_a_trusted_certificate_is_accepted_and_the_connection_used_again(certificate: str) -> None:
    with Provider(tls=certificate) as provider:
        provider.answer(201, b"fine")
        assert [ask(provider.url).body for _ in range(3)] == [b"fine"] * 3
        assert provider.connections == 1


@pytest.mark.usefixtures("trusted")
def test_a_trusted_certificate_of_another_name_is_refused(certificate: str) -> None:
    with Provider(tls=certificate) as provider:
        failed = failure(provider.url.replace("127.0.0.1", "localhost"))
        assert (failed.sent, failed.reason) == (False, Stage.SECURING.value)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("bad", ["drip_body", "drip_headers"])
def test_a_drip_over_tls_is_cut_too(certificate: str, bad: str) -> None:
    with Provider(tls=certificate) as provider:
        getattr(provider, bad)(0.05)
        started = time.monotonic()
        assert failure(provider.url, timeout=0.6).sent
        assert time.monotonic() - started < SOON


def test_a_server_without_tls_is_not_asked_in_the_clear(provider: Provider) -> None:
    failed = failure(provider.url.replace("http://", "https://"))
    assert (failed.sent, failed.reason) == (False, Stage.SECURING.value)
    assert provider.requests == []


def test_a_handshake_that_never_ends_is_cut() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        started = time.monotonic()
        failed = failure(f"https://127.0.0.1:{deaf.getsockname()[1]}", timeout=0.4)
    assert time.monotonic() - started < SOON
    assert (failed.sent, failed.reason) == (False, Stage.SECURING.value)
