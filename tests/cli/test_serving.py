"""Many processes behind one address: one that dies is replaced, and all end with the first."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import requests

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
