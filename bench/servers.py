"""The servers that are measured, each a process of its own on a free port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import insert, select

from bench.load import POOL, number
from storage.database import open_database
from storage.message_tables import messages
from storage.migrate import upgrade
from storage.tables import accounts, identifiers
from tests.kit import RICH, ROOT, SECRET_KEY, WIDE, serving, wait_until
from tests.kit import listens as is_listening
from tests.services import free_port

HERE = Path(__file__).parent


@contextmanager
def ours(url: str, folder: Path, sink: int, **more: str) -> Iterator[tuple[int, int]]:
    """Port and process id of our own server, with 5,000 accounts and the HTTP connector set to the sink."""
    upgrade(url)
    _make_accounts(url)
    set_up(url, folder, sink)
    with serving(url, folder, **more) as server:
        yield int(server.url.rpartition(":")[2]), server.process.pid


def _make_accounts(url: str) -> None:
    database, now = open_database(url), time.time()
    rows = [{"id": f"{n:032x}", "created_at": now, "locale": "en"} for n in range(POOL)]
    names = [
        {"kind": "phone", "value": number(n), "account_id": f"{n:032x}", "country": "US", "verified_at": now}
        for n in range(POOL)
    ]
    with database.write() as connection:
        connection.execute(insert(accounts), rows)
        connection.execute(insert(identifiers), names)
    database.engine.dispose()


def set_up(url: str, folder: Path, sink: int) -> None:
    """Settings with which nothing stands in the way of a load."""
    config = {"url": f"http://127.0.0.1:{sink}/", "body": '{"to": "{to}", "text": "{text}"}'}
    document = {
        "phones": {"all_countries": True, "allow_possible": True, "allow_fixed_line": True},
        "limits": WIDE | {"resend_waits": ["0"]},
        "money": RICH | {"price": 0},
        # All people of a load come from one address, and type their codes sooner than the guard hears of it.
        "exceptions": {"allowed_networks": ["127.0.0.0/8"], "allowed_numbers": ["+1415*"]},
        "connectors": {"active": "http", "configurations": {"http": config}},
    }
    variables = os.environ | {
        "DOORCODE_DATABASE_URL": url,
        "DOORCODE_INSTANCE": str(folder),
        "DOORCODE_SECRET_KEY": SECRET_KEY,
    }
    command = [sys.executable, "-m", "flask", "--app", "app", "settings", "import"]
    subprocess.run(
        command, check=True, input=json.dumps(document).encode(), cwd=ROOT, env=variables, capture_output=True
    )


@contextmanager
def _process(command: list[str], port: int, **variables: str) -> Iterator[tuple[int, int]]:
    process = subprocess.Popen(
        command,
        env=os.environ | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: is_listening(port) or process.poll() is not None, seconds=60)
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # its children too
        process.wait()


@contextmanager
def bare(size: int) -> Iterator[tuple[int, int]]:
    port = free_port()
    with _process([sys.executable, str(HERE / "bare.py"), str(port), str(size)], port) as found:
        yield found


@contextmanager
def receiver(port: int) -> Iterator[None]:
    with _process([sys.executable, str(HERE / "receiver.py"), str(port)], port):
        yield


@contextmanager
def allauth(folder: Path, sink: int, processes: int) -> Iterator[tuple[int, int]]:
    """django-allauth on SQLite, in an environment of its own, kept in .venv-bench."""
    python = ROOT / ".venv-bench" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ROOT / ".venv-bench")], check=True)
        wanted = str(HERE / "allauth" / "requirements.txt")
        subprocess.run([str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", wanted], check=True)
    port = free_port()
    database = folder / f"allauth-{processes}.db"
    command = [str(python), str(HERE / "allauth" / "yardstick.py"), str(database), str(port), str(processes)]
    with _process(command, port, SINK=str(sink)) as found:
        yield found


def delays(url: str, came_at: dict[str, float]) -> list[float]:
    """Milliseconds between each message's row and its coming in."""
    database = open_database(url)
    with database.read() as connection:
        rows = connection.execute(select(messages.c.recipient, messages.c.created_at).order_by(messages.c.created_at))
        asked = {row.recipient: row.created_at for row in rows}
    database.engine.dispose()
    return [(at - asked[number]) * 1000 for number, at in came_at.items()]
