"""Reads and writes of both APIs under load, beside a bare page: ``python -m bench.api``, a part of ``make bench``.

phones          the Account API lists a person's numbers
verification    the Account API begins a fresh proof: two commits, the count of calls and the row
user            the Management API reads an account
code            the Management API sends a code, and checks it when the message came: two calls, which are counted, and
                a sign-in's limits, ticket, message, tries
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench import servers
from bench.load import get_page, phones, run
from bench.openid import AT_ONCE, SIZE, measure
from bench.sink import Sink
from storage.migrate import upgrade
from tests import services
from tests.api.kit import ACCOUNT, MANAGE, account_program, manage_program
from tests.kit import open_house


async def call(port: int, token: str, method: str, path: str, body: Any = None) -> Any:
    """One call on a connection of its own, as the bare page is asked for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    sent = json.dumps(body).encode() if body is not None else b""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {token}"]
    lines += ["Content-Type: application/json", f"Content-Length: {len(sent)}", "Connection: close", "", ""]
    writer.write("\r\n".join(lines).encode() + sent)
    reply = await reader.read()
    writer.close()
    if not reply.startswith(b"HTTP/1.1 20"):
        raise RuntimeError(f"{method} {path} {reply[9:12].decode()}")
    return json.loads(reply.partition(b"\r\n\r\n")[2])


async def send_and_check(port: int, token: str, sink: Sink, phone: str) -> None:
    """The guard would stop a row of codes that nobody types."""
    waiting = sink.expect(phone)
    sent = await call(port, token, "POST", f"{MANAGE}/verifications", {"purpose": "bench", "to": phone})
    typed = {"purpose": "bench", "code": await asyncio.wait_for(waiting, 20)}
    await call(port, token, "POST", f"{MANAGE}/verifications/{sent['id']}/check", typed)


@contextmanager
def programs(url: str, folder: Path, sink: Sink, **more: str) -> Iterator[tuple[int, int, str, str]]:
    """Port and process of a served instance, and a token for each API."""
    upgrade(url)
    with open_house(url, folder) as house:
        account = account_program(house).token
        manage = manage_program(house, "users:read", "verifications").token
        issuer = house.services.environment.public_url
    with servers.ours(url, folder, sink.port, PUBLIC_URL=issuer, **more) as (port, process):
        yield port, process, account, manage


async def measure_all(label: str, found: tuple[int, int, str, str], sink: Sink, seconds: float, bare: float) -> None:
    port, process, account, manage = found
    next_number: Any = phones()
    for what, work in {
        "phones": lambda: call(port, account, "GET", f"{ACCOUNT}/phones"),
        "verification": lambda: call(port, account, "POST", f"{ACCOUNT}/verifications", {}),
        "user": lambda: call(port, manage, "GET", f"{MANAGE}/users/{1:032x}"),
        "code": lambda: send_and_check(port, manage, sink, next_number()),
    }.items():
        await measure(f"{label}, {what}", work, seconds, process, bare)


async def main(seconds: float) -> None:
    sink = Sink()
    await sink.open()
    with servers.bare(SIZE) as (port, process):
        result = await run(lambda: get_page(port), AT_ONCE, seconds, process)
        bare = result.cpu * 1000 / len(result.flows)
        print(f"a bare page: {len(result.flows) / result.seconds:.0f} a second, {bare:.2f} ms of CPU")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        with programs(f"sqlite:///{folder}/doorcode.db", folder / "sqlite", sink) as found:
            await measure_all("SQLite", found, sink, seconds, bare)
        url = stack.enter_context(services.postgresql())
        with programs(url, folder / "postgresql", sink) as found:
            await measure_all("PostgreSQL", found, sink, seconds, bare)


if __name__ == "__main__":
    asyncio.run(main(2.0 if "--quick" in sys.argv else 8.0))
