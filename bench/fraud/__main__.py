"""``make fraud``: made-up attacks among made-up people, replayed through the guard, beside simpler rules.

``ARGS="--seeds 1 2 --per-day 100 --only calm whole-country"``. With ``FRAUD=/a/program.py`` in the environment its
scenarios are replayed too: it is called as ``list``, ``generate NAME --seed N --per-day N --out FOLDER``, ``baseline
NAME FOLDER`` and ``score FOLDER FILE``, and writes traffic.jsonl and truth.jsonl.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.fraud.people import Request
from bench.fraud.rules import RULES
from bench.fraud.scenarios import NAMES, requests
from cli.guard import WRITTEN
from cli.replaying import replayed
from rules.risk_levels import ALLOW, CHALLENGE

HEAD = f"{'scenario':28} {'seed':>4} {'rule':12} {'turned away':>11} {'challenged':>10} {'attack sent':>18}"


def lines(scenario: list[Request]) -> Iterator[dict[str, Any]]:
    """What a policy may see."""
    found = []
    for number, each in enumerate(scenario):
        line = {"t": each.at, "event": "request", "id": number, "ip": each.address, "phone": each.phone}
        found.append((each.at, 0, line))
        if each.proves is not None:
            found.append((each.at + each.proves, 1, {"t": each.at + each.proves, "event": "verified", "id": number}))
    yield from (line for _at, _order, line in sorted(found, key=lambda item: item[:2]))


def score(scenario: list[Request], decisions: dict[int, str]) -> str:
    """Shares of people turned away and challenged, and of the attack what was sent."""
    sent = [
        d == ALLOW or (d == CHALLENGE and each.solves) for each, d in zip(scenario, decisions.values(), strict=True)
    ]
    people = [n for n, each in enumerate(scenario) if not each.attacks]
    attack = [n for n, each in enumerate(scenario) if each.attacks]
    away = 100 * sum(not sent[n] for n in people) / len(people)
    bothered = 100 * sum(decisions[n] == CHALLENGE for n in people) / len(people)
    got = sum(sent[n] for n in attack)
    share = f"{got} of {len(attack)}, {100 * got / len(attack):.1f} %" if attack else "-"
    return f"{away:9.2f} % {bothered:8.2f} % {share:>18}"


def our_own(name: str, seed: int, per_day: int) -> None:
    scenario = requests(name, seed, per_day)
    solves = {number: each.solves for number, each in enumerate(scenario)}
    found = {"guard": {number: verdict.decision for number, verdict in replayed(lines(scenario), solves)}}
    found |= {title: rule(lines(scenario)) for title, rule in RULES.items()}
    for title, decisions in found.items():
        print(f"{name:28} {seed:4} {title:12} {score(scenario, decisions)}", flush=True)


def theirs(program: str, name: str, seed: int, per_day: int) -> None:
    """A scenario of another program, with its own baselines and its own score."""
    with tempfile.TemporaryDirectory() as folder:
        _run(program, "generate", name, "--seed", str(seed), "--per-day", str(per_day), "--out", folder)
        rows = Path(folder, "truth.jsonl").read_text().splitlines()
        solves = {row["id"]: row["solves"] for row in map(json.loads, rows)}
        with Path(folder, "traffic.jsonl").open() as traffic:
            decided = replayed(map(json.loads, traffic), solves)
        decisions = Path(folder, "decisions.jsonl")
        written = [{"id": number, "decision": WRITTEN[verdict.decision]} for number, verdict in decided]
        decisions.write_text("".join(json.dumps(row) + "\n" for row in written))
        scores = {"guard": _run(program, "score", folder, str(decisions))}
        scores |= {title: _run(program, "baseline", title, folder) for title in ("authgear", "login.gov")}
    for title, text in scores.items():
        s = json.loads(text)
        sent = f"{s['attack_sent']} of {s['attack']}, {s['attack_sent_%']:.1f} %" if s["attack"] else "-"
        away, bothered = s["users_turned_away_%"], s["users_challenged_%"]
        print(
            f"{name:28} {seed:4} {title:12} {away:9.2f} % {bothered:8.2f} % {sent:>18} {s['loss_usd']:9.2f} $",
            flush=True,
        )


def _run(program: str, *arguments: str) -> str:
    command = [sys.executable, program, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(prog="make fraud")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--per-day", type=int, default=1000)
    parser.add_argument("--only", nargs="+", default=[])
    chosen = parser.parse_args()
    print(HEAD)
    for name in NAMES:
        for seed in chosen.seeds if name in chosen.only or not chosen.only else []:
            our_own(name, seed, chosen.per_day)
    if program := os.environ.get("FRAUD"):
        for name in _run(program, "list").split():
            for seed in chosen.seeds if name in chosen.only or not chosen.only else []:
                theirs(program, name, seed, chosen.per_day)


if __name__ == "__main__":
    main()
