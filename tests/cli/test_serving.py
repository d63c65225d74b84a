"""Many processes behind one address: one that dies is replaced, and all end with the first."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from flask import Flask

from cli import serving as cli_serving
from tests.kit import House, Server, serving, wait_until


def children(server: Server) -> set[int]:
    pid = server.process.pid
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def test_a_process_that_dies_is_replaced_and_all_end_together(sqlite_house: House, tmp_path: Path) -> None:
    with serving(sqlite_house.database_url, tmp_path / "instance", PROCESSES="2") as server:
        wait_until(lambda: len(children(server)) == 2)
        first, second = children(server)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: len(children(server) - {first}) == 2)
        assert second in children(server)
        assert requests.get(f"{server.url}/healthz", timeout=20).status_code == 200
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
