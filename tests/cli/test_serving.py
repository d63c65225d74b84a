"""Many processes behind one address: one that dies is replaced, and all end with the first."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from cli import serving as cli_serving
from tests.kit import House, Server, serving, wait_until


def children(server: Server) -> set[int]:
    pid = server.process.pid
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def see_that_open_connections_keep_nobody_out(server: Server) -> None:
    """More than the server's own default for both processes."""
    address = urlsplit(server.url)
    with ExitStack() as stack:
        for _ in range(250):
            waiting = stack.enter_context(socket.create_connection((address.hostname, address.port)))
            waiting.send(b"GET / HTTP/1.1\r\n")
        assert requests.get(f"{server.url}/healthz", timeout=20).status_code == 200


def see_that_a_body_that_is_too_long_is_not_waited_for(server: Server) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as sender:
        sender.send(b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000000\r\n\r\n")
        assert sender.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_process_that_dies_is_replaced_and_all_end_together(sqlite_house: House, tmp_path: Path) -> None:
    with serving(sqlite_house.database_url, tmp_path / "instance", PROCESSES="2") as server:
        wait_until(lambda: len(children(server)) == 2)
        first, second = children(server)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: len(children(server) - {first}) == 2)
        assert second in children(server)
        see_that_open_connections_keep_nobody_out(server)
        see_that_a_body_that_is_too_long_is_not_waited_for(server)
        last = children(server)
        server.process.terminate()
        assert server.process.wait(20) == 0
    assert not [pid for pid in last if Path(f"/proc/{pid}").exists()]
    assert f"process {first} ended (9), and another one takes its place" in server.log.read_text()


def test_a_process_that_is_made_while_all_end_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    told: list[int] = []

    def fork() -> int:
        if not made:
            signal.raise_signal(signal.SIGTERM)  # heard as soon as the first is known
        made.append(101 + len(made))
        return made[-1]

    waited = iter((101, 102, 103))
    processes = SimpleNamespace(
        fork=fork, kill=lambda child, _signal: told.append(child), wait=lambda: (next(waited), 0)
    )
    monkeypatch.setattr(cli_serving, "os", processes)
    before = {number: signal.getsignal(number) for number in cli_serving.ENDS}
    try:
        with socket.socket() as door:
            cli_serving._serve_many(Flask(__name__), door, 3)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert told == made == [101, 102, 103]
