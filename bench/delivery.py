"""How fast one worker empties the outbox where the provider takes its time. ``python -m bench.delivery`` alone."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from bench.load import number
from bench.process import megabytes, threads
from bench.servers import set_up
from bench.sink import Sink
from storage.database import Database, open_database
from storage.message_tables import messages
from storage.migrate import upgrade
from tests import services
from tests.kit import ROOT, SECRET_KEY, wait_until

MESSAGES = 1000
ROUNDS = 3
ANSWERS_AFTER = 0.2  # seconds
DATABASES = ("SQLite", "PostgreSQL")
LEFT = text("SELECT count(*) FROM messages WHERE state <> 'accepted'")


async def measure(label: str, folder: Path) -> dict[str, Any]:
    """The slowest round; the most threads that were seen; memory at rest, and after each round."""
    sink = Sink(ANSWERS_AFTER)
    await sink.open()
    with _database(label, folder) as url:
        upgrade(url)
        await asyncio.to_thread(set_up, url, folder, sink.port)
        database = open_database(url)
        async with _worker(url, folder) as process:
            memory, paces, most = [_memory(process)], [], 0
            for _ in range(ROUNDS):
                seconds, seen = await _empty(database, process)
                paces.append(MESSAGES / seconds)
                memory.append(_memory(process))
                most = max(most, seen)
        database.engine.dispose()
    row = {"what": label, "messages a second": round(min(paces), 1), "threads": most, "memory MB": memory}
    print("  ".join(f"{name} {value}" for name, value in row.items()))
    return row


@contextmanager
def _database(label: str, folder: Path) -> Iterator[str]:
    if label == "SQLite":
        yield f"sqlite:///{folder}/outbox.db"
        return
    with services.postgresql() as url:
        yield url


@asynccontextmanager
async def _worker(url: str, folder: Path) -> AsyncIterator[int]:
    """``flask worker`` in a process of its own, at rest; its process id."""
    more = {"DATABASE_URL": url, "INSTANCE": str(folder), "SECRET_KEY": SECRET_KEY}
    variables = os.environ | {f"DOORCODE_{name}": value for name, value in more.items()}
    log = folder / "worker.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stderr=output)
    try:
        await asyncio.to_thread(wait_until, lambda: "at work" in log.read_text(), seconds=30)
        yield process.pid
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


async def _empty(database: Database, process: int) -> tuple[float, int]:
    """Seconds until all of a round are accepted, and the most threads that were seen meanwhile."""
    await asyncio.to_thread(_fill, database)
    begun, most = time.monotonic(), 0
    while await asyncio.to_thread(_left, database):
        most = max(most, threads(process))
        await asyncio.sleep(0.1)
    return time.monotonic() - begun, most


def _fill(database: Database) -> None:
    now = time.time()
    same = {"usage": "sign_in", "country": "US", "locale": "en", "digits": 6, "charges": "[]", "state": "queued"}
    same |= {"created_at": now, "expires_at": now + 600, "due_at": now, "attempts": 0}
    rows = [same | {"id": secrets.token_hex(16), "recipient": number(n)} for n in range(MESSAGES)]
    with database.write() as connection:
        connection.execute(insert(messages), rows)


def _left(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(LEFT).scalar_one())


def _memory(process: int) -> float:
    return megabytes(process)[0]


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for label in DATABASES:
            await measure(label, Path(folder))


if __name__ == "__main__":
    asyncio.run(main())
