"""``flask guard``: what the guard would do with traffic of the past, or with made-up one."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

import click
from flask import current_app

from cli import traffic as files
from cli.commands import Commands
from cli.replaying import on_disk
from cli.traffic import BadLineError
from rules.risk_levels import ALLOW, CHALLENGE, DAY, REFUSE

group = Commands("guard", help="The guard against traffic that others are paid for.")

WRITTEN = {ALLOW: "allow", CHALLENGE: "challenge", REFUSE: "block"}
MOST_TOLD = 20  # lines with a problem, each by itself


@group.command("replay", tables=False)
@click.argument("traffic", type=click.File("rb"))
@click.option("--solves", type=click.File("rb"), help="JSON lines with id and solves.")
@click.option("--reasons", is_flag=True, help="Write the reason of each decision and its figures beside it.")
@click.option("--out", type=click.File("w"), default="-", help="Where the decisions go; by default printed.")
def replay(traffic: BinaryIO, solves: BinaryIO | None, reasons: bool, out: TextIO) -> None:
    """Decide about each request of TRAFFIC, as the guard would have then: JSON lines, in time's order.

    \b
    {"t": 1796000000, "event": "request", "id": 7, "ip": "203.0.113.9", "phone": "+33612345678"}
    {"t": 1796000024.5, "event": "verified", "id": 7}

    The time is in seconds, and a request without "ip" is of an address of its number's own. `flask guard export` writes
    such lines. Written is {"id", "decision"} a request: allow, challenge or block. Who gets past a challenge stands in
    the file of --solves (only "id" and "solves" of it are read), by default in truth.jsonl beside the traffic; without
    either, everybody does. Lines with a problem are told and left out.
    """
    problems, counts = Problems(), Counter[str]()
    with on_disk(_solvers(traffic, solves, problems)) as past:
        for number, event in files.read(traffic):
            if isinstance(event, BadLineError):
                problems.tell(number, event)
            elif decided := past.take(event):
                words = {"why": decided.why, "subject": decided.subject, **decided.figures} if reasons else {}
                counts[decided.decision] += 1
                out.write(json.dumps({"id": event.id, "decision": WRITTEN[decided.decision], **words}) + "\n")
    click.echo(", ".join(f"{counts[name]} {word}" for name, word in WRITTEN.items()) + ".", err=True)
    problems.end("There is no request in it." if not counts else "")


class Problems:
    """Lines that were left out, told on standard error."""

    def __init__(self) -> None:
        self._found = 0

    def tell(self, number: int, problem: BadLineError, file: str = "") -> None:
        self._found += 1
        if self._found <= MOST_TOLD:
            click.echo(f"{file}line {number}: {problem}", err=True)

    def end(self, problem: str) -> None:
        """Leave with 1 where anything was wrong."""
        if self._found > MOST_TOLD:
            click.echo(f"... and {self._found - MOST_TOLD} lines more.", err=True)
        if problem:
            click.echo(problem, err=True)
        if self._found or problem:
            sys.exit(1)


def _solvers(traffic: BinaryIO, given: BinaryIO | None, problems: Problems) -> dict[int | str, bool]:
    if given:
        return _read_solvers(given, problems)
    beside = Path(traffic.name).with_name("truth.jsonl")
    if not (Path(traffic.name).is_file() and beside.is_file()):
        return {}
    with beside.open("rb") as lines:
        return _read_solvers(lines, problems)


def _read_solvers(lines: BinaryIO, problems: Problems) -> dict[int | str, bool]:
    found: dict[int | str, bool] = {}
    for number, line in enumerate(lines, 1):
        try:
            fields = files.fields_of(line)
            if not isinstance(fields.get("solves"), bool):
                raise BadLineError('"solves" is neither true nor false')
            found[files.id_of(fields)] = fields["solves"]
        except BadLineError as problem:
            problems.tell(number, problem, f"{Path(lines.name).name}, ")
    return found


@group.command("export")
@click.option("--days", type=click.IntRange(1), help="So many days back; by default all that is kept.")
@click.option("--out", type=click.File("w"), default="-", help="Where the lines go; by default printed.")
def export(days: int | None, out: TextIO) -> None:
    """Write the text messages that were sent and the codes that came back, as `flask guard replay` reads them.

    The file has whole phone numbers, which the guard judges by: only you can read it when it is made. Keep it as you
    keep the database, and delete it when you are done. What was stopped is not in it, and no address: neither is kept.
    What did not arrive is left out.
    """
    services = current_app.extensions["doorcode"]
    since = services.clock() - days * DAY if days else 0
    with _for_their_owner_alone():  # the file is made when its first line comes
        for line in files.written(services.database, since):
            out.write(json.dumps(line) + "\n")


@contextmanager
def _for_their_owner_alone() -> Iterator[None]:
    """Files that are made meanwhile can be read by nobody else."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
