"""Requests counted in memory: by route and status, and how long they took.

The memory is shared with the processes that this one forks. Each counts in a part of its own and a reader adds the
parts up, so whichever is asked answers for all of them; a process that is started anew goes on in the part that it had.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from mmap import mmap
from threading import Lock

NO_ROUTE = "(no page)"
STATUSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)  # what a request took at most; then no bound
WIDTH = len(STATUSES) + len(SECONDS) + 2  # of a route: by status, by time, and all its seconds
NUMBER = 8  # bytes


@dataclass(frozen=True)
class RouteTraffic:
    """``statuses``: by class, such as 2xx; ``times``: how many took so long, a number a bound and one for the rest."""

    route: str
    statuses: dict[str, int]
    times: tuple[int, ...]
    seconds: float


class Traffic:
    def __init__(self, routes: Iterable[str], processes: int) -> None:
        self._places = {route: place * WIDTH for place, route in enumerate(sorted({*routes, NO_ROUTE}))}
        self._length = len(self._places) * WIDTH
        self._numbers = memoryview(mmap(-1, processes * self._length * NUMBER)).cast("d")
        self._begin = 0
        self._lock = Lock()

    def use(self, part: int) -> None:
        """From now on this process counts in a part of its own, from 0."""
        self._begin = part * self._length

    def count(self, route: str, status: int, seconds: float) -> None:
        place = self._begin + self._places.get(route, self._places[NO_ROUTE])
        time = place + len(STATUSES) + bisect_left(SECONDS, seconds)
        with self._lock:
            self._numbers[place + status // 100 - 1] += 1
            self._numbers[time] += 1
            self._numbers[place + WIDTH - 1] += seconds

    def read(self) -> list[RouteTraffic]:
        """Of each route that was asked for."""
        begins = range(0, len(self._numbers), self._length)
        parts = (self._numbers[begin : begin + self._length].tolist() for begin in begins)
        sums = [sum(numbers) for numbers in zip(*parts, strict=True)]
        found = []
        for route, place in self._places.items():
            counts = [int(number) for number in sums[place : place + WIDTH - 1]]
            statuses = dict(zip(STATUSES, counts, strict=False))
            found.append(RouteTraffic(route, statuses, tuple(counts[len(STATUSES) :]), sums[place + WIDTH - 1]))
        return [each for each in found if any(each.times)]
