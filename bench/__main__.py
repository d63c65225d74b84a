"""``make bench``: whole sign-ins on both databases, beside a bare page and django-allauth, in one run.

``ARGS=--quick`` for two seconds each instead of eight.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import platform
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import api, console, delivery, guard, openid, servers
from bench.client import Client
from bench.load import ALLAUTH, OURS, Product, get_page, phones, run, sign_in
from bench.process import cpu_seconds, megabytes
from bench.sink import Sink
from bench.statements import count_statements
from tests import services

AT_ONCE = (1, 8, 32)
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")  # as in production; tests do without
RESULTS = Path(__file__).parent / "results"


async def measure(
    label: str, found: tuple[int, int], product: Product, sink: Sink, seconds: float
) -> list[dict[str, Any]]:
    port, process = found
    start_cpu, start_memory = cpu_seconds(process), megabytes(process)
    next_number, rows = phones(), []
    for at_once in AT_ONCE:
        result = await run(lambda: sign_in(port, product, sink, next_number()), at_once, seconds, process)  # type: ignore[operator]
        rows.append(
            {
                "what": label,
                "at once": at_once,
                "a second": round(len(result.flows) / result.seconds, 1),
                "p50 ms": round(result.quantile(0.5), 1),
                "p95 ms": round(result.quantile(0.95), 1),
                "p99 ms": round(result.quantile(0.99), 1),
                "CPU ms": round(result.cpu * 1000 / max(1, len(result.flows)), 2),
                "errors": sum(result.errors.values()),
                "memory MB": megabytes(process),
            }
        )
        show(rows[-1])
        for error, times in result.errors.items():
            print(f"    {times} x {error}")
    print(f"    start: {start_cpu:.2f} s of CPU, {start_memory} MB")
    return rows


async def bare_page(found: tuple[int, int], seconds: float) -> float:
    """CPU milliseconds of a bare page."""
    port, process = found
    result = await run(lambda: get_page(port), 8, seconds, process)
    cost = result.cpu * 1000 / len(result.flows)
    print(f"a bare page: {len(result.flows) / result.seconds:.0f} a second, {cost:.2f} ms of CPU")
    return cost


async def latency(port: int, sink: Sink, url: str) -> list[float]:
    """Milliseconds from the commit of a message to the call of the provider."""
    next_number = phones()
    numbers = [next_number() for _ in range(100)]  # type: ignore[operator]
    for each in numbers:
        await sign_in(port, OURS, sink, each)
        await asyncio.sleep(0.01)
    return await asyncio.to_thread(servers.delays, url, {each: sink.came_at[each] for each in numbers})


async def weigh(port: int) -> tuple[int, int]:
    """Bytes of the first page, plain; and compressed with all that it loads."""
    client, total = Client(port), 0
    _status, _target, page = await client.request("GET", "/sign-in")
    for path in ("/static/app.css", "/static/app.js"):
        _status, _target, body = await client.request("GET", path)
        total += len(gzip.compress(body, 5))
    client.close()
    return len(page), total + len(gzip.compress(page, 5))


def show(row: dict[str, Any]) -> None:
    print("  ".join(f"{name} {value}" for name, value in row.items()))


async def main(seconds: float) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}, {seconds} s each")
    sink, rows = Sink(), []
    await sink.open()
    print("SQL statements of one sign-in:", count_statements())
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        sqlite = f"sqlite:///{folder}/doorcode.db"
        with servers.ours(sqlite, folder / "sqlite", sink.port) as found:
            plain, weight = await weigh(found[0])
            print(f"first page: {plain} bytes, {weight} compressed with its style and script")
            rows += await measure("SQLite, 1 process", found, OURS, sink, seconds)
            delays = await latency(found[0], sink, sqlite)
            print(f"commit to call on SQLite: median {statistics.median(delays):.1f} ms, worst {max(delays):.1f}")
        with servers.bare(plain) as found:
            bare = await bare_page(found, seconds)
        for processes, label in ((1, "allauth, SQLite, 1 process"), (2, "allauth, SQLite, 2 processes")):
            with servers.allauth(folder, sink.port, processes) as found:
                rows += await measure(label, found, ALLAUTH, sink, seconds)
        url = stack.enter_context(services.postgresql(*DURABLE))
        with servers.ours(url, folder / "postgresql", sink.port, PROCESSES="2") as found:
            rows += await measure("PostgreSQL, 2 processes", found, OURS, sink, seconds)
            delays = await latency(found[0], sink, url)
            print(f"commit to call on PostgreSQL: median {statistics.median(delays):.1f} ms, worst {max(delays):.1f}")
        print("one worker, a provider that answers in 200 ms:")
        sent = [await delivery.measure(label, folder) for label in delivery.DATABASES]
    compare(rows, bare)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{time.time():.0f}.json").write_text(json.dumps(rows + sent, indent=1))


def compare(rows: list[dict[str, Any]], bare: float) -> None:
    at_8 = {row["what"]: row for row in rows if row["at once"] == 8}
    for what in ("SQLite, 1 process", "PostgreSQL, 2 processes"):
        row, theirs = at_8[what], at_8[f"allauth, SQLite, {what.partition(', ')[2]}"]
        pages, pace = row["CPU ms"] / bare, row["a second"] / theirs["a second"]
        print(f"{what}: {pages:.1f} bare pages of CPU; {pace:.1f} times allauth's sign-ins a second;")
        print(f"    p99 is {row['p99 ms'] / theirs['p99 ms']:.2f} of allauth's")


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    asyncio.run(main(2.0 if quick else 8.0))
    asyncio.run(openid.main(2.0 if quick else 8.0))
    asyncio.run(api.main(2.0 if quick else 8.0))
    guard.main(guard.NUMBERS // 100 if quick else guard.NUMBERS)
    console.main(console.FEW if quick else console.MANY)
