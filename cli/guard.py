"""``flask guard``: what the guard would do with traffic of the past, or with made-up one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

import click
import phonenumbers
from flask.cli import AppGroup

from rules import risk, risk_evidence
from rules.addresses import limit_key
from rules.countries import country_of
from rules.risk_evidence import Asked
from rules.risk_levels import ALLOW, CHALLENGE, REFUSE
from storage.guard import Record

group = AppGroup("guard", help="The guard against traffic that others are paid for.")

WRITTEN = {ALLOW: "allow", CHALLENGE: "challenge", REFUSE: "block"}


@group.command("replay")
@click.argument("traffic", type=click.File())
@click.option("--solves", type=click.Path(exists=True, path_type=Path), help="JSON lines with id and solves.")
@click.option("--reasons", is_flag=True, help="Write the reason of each decision and its figures beside it.")
@click.option("--out", type=click.File("w"), default="-", help="Where the decisions go; by default printed.")
def replay(traffic: TextIO, solves: Path | None, reasons: bool, out: TextIO) -> None:
    """Decide about each request of TRAFFIC (JSON lines, in time's order), as the guard would have then.

    A line is {"t": seconds, "event": "request", "id", "ip", "phone"} or {"t", "event": "verified", "id"}. Written is
    {"id", "decision"} a request: allow, challenge or block. Who gets past a challenge stands in the file of --solves
    (only "id" and "solves" of it are read), by default in truth.jsonl beside the traffic; without either, everybody
    does.
    """
    beside = Path(traffic.name).parent / "truth.jsonl"
    past = Replay(_solvers(solves or (beside if beside.exists() else None)))
    for line in traffic:
        decided = past.take(json.loads(line))
        if decided:
            number, verdict = decided
            words = {"why": verdict.why, "subject": verdict.subject, **verdict.figures} if reasons else {}
            out.write(json.dumps({"id": number, "decision": WRITTEN[verdict.decision], **words}) + "\n")


def _solvers(path: Path | None) -> dict[Any, bool]:
    if path is None:
        return {}
    with path.open() as lines:
        return {row["id"]: row["solves"] for row in map(json.loads, lines)}


@lru_cache(maxsize=100_000)
def country_of_number(phone: str) -> str:
    return country_of(phonenumbers.parse(phone), "")


class Replay:
    """The guard over a stream, with the stream's clock; its records are kept in memory."""

    def __init__(self, solves: dict[Any, bool]) -> None:
        self._solves = solves
        self._records: dict[str, Record] = {}
        self._sent: dict[Any, str] = {}

    def take(self, line: dict[str, Any]) -> tuple[Any, risk.Verdict] | None:
        """The decision about a request, with its id; None for a proof, which counts only where something was sent."""
        if line["event"] == "verified":
            self._prove(line["id"], line["t"])
            return None
        return line["id"], self._decide(line["id"], line["phone"], line["ip"], line["t"])

    def _decide(self, request: Any, phone: str, address: str, now: float) -> risk.Verdict:
        asked = Asked(phone, country_of_number(phone), limit_key(address))
        records = self._load(asked.keys.values())
        verdict = risk.judge(asked, records, now)
        if verdict.decision == ALLOW or (verdict.decision == CHALLENGE and self._solves.get(request, True)):
            self._keep(risk_evidence.count_sent(asked, records, now))
            self._sent[request] = f"number:{phone}"
        elif risk.holds(verdict):
            risk.held(verdict, records, now)
        return verdict

    def _prove(self, request: Any, now: float) -> None:
        number = self._records.get(self._sent.pop(request, ""))
        if number:
            records = self._load(risk_evidence.keys_of_note(number))
            self._keep(risk_evidence.count_proved(number, records, now))

    def _load(self, keys: Iterable[str]) -> dict[str, Record]:
        return {key: self._records.get(key) or Record(key) for key in keys}

    def _keep(self, changed: list[Record]) -> None:
        self._records |= {record.key: record for record in changed}


def replayed(lines: Iterable[dict[str, Any]], solves: dict[Any, bool]) -> list[tuple[Any, risk.Verdict]]:
    """All decisions about a stream."""
    past = Replay(solves)
    return [decided for decided in map(past.take, lines) if decided]
