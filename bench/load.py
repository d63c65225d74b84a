"""Whole sign-ins under load: GET page, POST number, GET code page, POST code; a new connection and number each."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from bench.client import Client, hidden
from bench.process import cpu_seconds
from bench.sink import Sink

POOL = 5000
WARM_UP = 2.0


def number(index: int) -> str:
    return f"+1{4152000000 + index % POOL:010d}"


@dataclass(frozen=True)
class Product:
    """How a product's two forms are called."""

    page: str
    csrf: str
    country: bool = False


OURS = Product("/sign-in", "csrf_token", country=True)
ALLAUTH = Product("/accounts/login/code/", "csrfmiddlewaretoken")


@dataclass
class Result:
    flows: list[float] = field(default_factory=list)  # seconds each
    errors: Counter[str] = field(default_factory=Counter)
    seconds: float = 0
    cpu: float = 0

    def quantile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.flows) or [0.0]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


async def sign_in(port: int, product: Product, sink: Sink, phone: str) -> None:
    client = Client(port)
    try:
        _status, _target, page = await client.request("GET", product.page)
        waiting = sink.expect(phone)
        form = {product.csrf: hidden(page, product.csrf), "phone": phone} | (
            {"country": "US"} if product.country else {}
        )
        status, target, page = await client.request("POST", product.page, form)
        if status not in (302, 303):
            raise RuntimeError(f"number {status}")
        _status, _target, page = await client.request("GET", target)
        code = await asyncio.wait_for(waiting, 20)
        form = {product.csrf: hidden(page, product.csrf), "code": code}
        if ticket := hidden(page, "ticket"):
            form["ticket"] = ticket
        status, target, _page = await client.request("POST", target.split("?")[0], form)
        if status not in (302, 303) or "create" in target or "login" in target:
            raise RuntimeError(f"code {status} {target}")
    finally:
        client.close()


async def get_page(port: int, path: str = "/") -> None:
    client = Client(port)
    status, _target, _page = await client.request("GET", path)
    client.close()
    if status != 200:
        raise RuntimeError(f"page {status}")


async def run(work: object, at_once: int, seconds: float, process: int) -> Result:
    """``work()`` again and again, ``at_once`` at a time; counted after a warm-up."""
    result = Result()
    started = time.perf_counter() + WARM_UP
    ends = started + seconds

    async def worker() -> None:
        while (begun := time.perf_counter()) < ends:
            try:
                await work()  # type: ignore[operator]
            except (RuntimeError, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                result.errors[f"{type(error).__name__}: {error}"[:100]] += 1
                continue
            if begun >= started and time.perf_counter() <= ends:
                result.flows.append(time.perf_counter() - begun)

    workers = [asyncio.create_task(worker()) for _ in range(at_once)]
    await asyncio.sleep(WARM_UP)
    before, begun = cpu_seconds(process), time.perf_counter()
    await asyncio.sleep(seconds)
    result.cpu, result.seconds = cpu_seconds(process) - before, time.perf_counter() - begun
    await asyncio.gather(*workers)
    return result


def phones() -> object:
    numbers = count()
    return lambda: number(next(numbers))
