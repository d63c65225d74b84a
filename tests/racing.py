"""Races between real processes: each child opens the application on the same database and runs the same steps.

    outcomes = race(database_url, instance, "tests.flows.test_races:guess", arguments)

A child imports the function, waits for the starting shot, and sends back what the function returns. Children come from
a server that only imported the application: they share nothing with the test or with each other but the database.
"""

from __future__ import annotations

import importlib
import multiprocessing
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.kit"])
PROCESSES = 4
PATIENCE = 60  # seconds


def race(database_url: str, instance: Path, function: str, shares: Sequence[Any], breaking: str = "") -> list[Any]:
    """Run ``function(house, share)`` once a share, each in a process of its own, all at the same moment.

    ``breaking`` names a function that breaks the build in the children on purpose.
    """
    barrier = CONTEXT.Barrier(len(shares))
    answers: Any = CONTEXT.Queue()
    children = [
        CONTEXT.Process(target=_child, args=(database_url, instance, function, share, breaking, barrier, answers))
        for share in shares
    ]
    for child in children:
        child.start()
    try:
        found = [answers.get(timeout=PATIENCE) for _ in children]
    finally:
        for child in children:
            child.join(timeout=PATIENCE)
            child.kill()
    for outcome in found:
        if isinstance(outcome, Exception):
            raise outcome
    return found


class Meeting:
    """Where the threads of a child that runs a broken build wait until all have read, before the first of them writes.

    They wait once: whoever comes back walks through.
    """

    def __init__(self, threads: int) -> None:
        self._all_are_here = threading.Barrier(threads)
        self._over = threading.Event()

    def wait(self) -> None:
        if not self._over.is_set():
            self._all_are_here.wait(PATIENCE)
            self._over.set()


def _child(
    database_url: str, instance: Path, function: str, share: Any, breaking: str, barrier: Any, answers: Any
) -> None:
    try:
        from storage import database as database_module  # noqa: PLC0415 - only the child needs the application
        from tests.kit import open_other_house  # noqa: PLC0415

        database_module.BUSY_SECONDS = PATIENCE  # races are about what is decided, not about who waits too long
        if breaking:
            _named(breaking)()
        with open_other_house(database_url, instance) as house:
            house.services.settings()
            barrier.wait(PATIENCE)
            answers.put(_named(function)(house, share))
    except Exception as error:
        answers.put(RuntimeError(f"{type(error).__name__}: {error}"))


def _named(path: str) -> Any:
    module, name = path.split(":")
    return getattr(importlib.import_module(module), name)
