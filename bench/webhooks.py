"""What a page takes while the same process tells a backlog of webhooks: ``python -m bench.webhooks``.

One page after the other, 20 ms apart, as a few people ask for them: nothing waits in line but behind the webhooks.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from bench import servers
from bench.load import get_page
from flows import webhooks
from flows.webhooks import Created
from storage.database import Database, open_database
from storage.migrate import upgrade
from storage.webhook_tables import webhook_deliveries
from tests import services
from tests.kit import open_house, serving

EVENTS, ACCOUNTS = 3000, 500
SECONDS = 5.0
APART = 0.02
PAGE = "/sign-in"
LEFT = text("SELECT count(*) FROM webhook_deliveries WHERE state = 'waiting'")


async def pages(port: int) -> list[float]:
    """Milliseconds of each."""
    took, ends = [], time.perf_counter() + SECONDS
    while (begun := time.perf_counter()) < ends:
        await get_page(port, PAGE)
        took.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(APART)
    return took


def fill(database: Database, endpoint_id: str) -> None:
    now = time.time()
    same = {"endpoint_id": endpoint_id, "type": "password.changed", "state": "waiting", "attempts": 0}
    same |= {"at": now, "due_at": now}
    owners = [f"{n % ACCOUNTS:032x}" for n in range(EVENTS)]
    rows = [
        same | {"event_id": f"msg_{n:032x}", "account_id": owner, "data": f'{{"account_id": "{owner}"}}'}
        for n, owner in enumerate(owners)
    ]
    with database.write() as connection:
        connection.execute(insert(webhook_deliveries), rows)


def left(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(LEFT).scalar_one())


async def measure(label: str, url: str, folder: Path) -> None:
    upgrade(url)
    receiver, database = services.free_port(), open_database(url)
    with ExitStack() as stack:
        stack.enter_context(servers.receiver(receiver))
        with open_house(url, folder) as house:
            values: dict[str, Any] = {"url": f"http://127.0.0.1:{receiver}/", "events": ["password.changed"]}
            made = webhooks.create(house.services, "bench", values | {"identifiers": False})
            assert isinstance(made, Created), made
        server = stack.enter_context(serving(url, folder))
        port = int(server.url.rpartition(":")[2])
        for _ in range(20):
            await get_page(port, PAGE)
        alone = await pages(port)
        await asyncio.to_thread(fill, database, made.endpoint_id)
        await asyncio.sleep(1)
        before = await asyncio.to_thread(left, database)
        beside = await pages(port)
        pace = (before - await asyncio.to_thread(left, database)) / SECONDS
    database.engine.dispose()
    told = f"{statistics.median(alone):.1f} ms alone, {statistics.median(beside):.1f} beside {pace:.0f} events a second"
    print(f"{label}: a page {told}")


async def main() -> None:
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        await measure("SQLite", f"sqlite:///{folder}/webhooks.db", folder / "sqlite")
        if "--sqlite" not in sys.argv:
            await measure("PostgreSQL", stack.enter_context(services.postgresql()), folder / "postgresql")


if __name__ == "__main__":
    asyncio.run(main())
