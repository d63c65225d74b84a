"""``flask guard replay``: a stream in, decisions out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import create_app
from bench.fraud.__main__ import lines
from bench.fraud.scenarios import ATTACK_AT, HOUR, requests
from cli.guard import replayed
from rules.risk_levels import ALLOW, CHALLENGE
from tests.kit import environment


def replay(tmp_path: Path, *arguments: str) -> list[dict[str, object]]:
    rows = []
    for n in range(40):
        phone = f"+447400{n * 3701 % 1000000:06d}" if n % 2 else f"+4474001{n * 37 % 100000:05d}"
        rows.append({"t": 60 * n, "event": "request", "id": n, "ip": f"20.0.{n}.7", "phone": phone})
    rows.append({"t": 2401, "event": "verified", "id": 0})
    traffic = tmp_path / "traffic.jsonl"
    traffic.write_text("".join(json.dumps(row) + "\n" for row in rows))
    app = create_app(environment(f"sqlite:///{tmp_path}/none.db", tmp_path))
    result = app.test_cli_runner().invoke(args=["guard", "replay", str(traffic), *arguments])
    assert result.exit_code == 0, result.output
    assert not (tmp_path / "none.db").exists()  # it asks no database
    return [json.loads(line) for line in result.output.splitlines()]


def test_a_decision_is_written_for_each_request(tmp_path: Path) -> None:
    found = replay(tmp_path)
    assert [row["id"] for row in found] == list(range(40))
    assert {row["decision"] for row in found} == {"allow", "challenge", "block"}
    assert set(found[0]) == {"id", "decision"}


def test_who_solves_challenges_is_read_from_beside_the_traffic(tmp_path: Path) -> None:
    everybody = [row["decision"] for row in replay(tmp_path)].count("challenge")
    truth = tmp_path / "truth.jsonl"
    truth.write_text("".join(json.dumps({"id": n, "who": "attack", "solves": False}) + "\n" for n in range(40)))
    assert [row["decision"] for row in replay(tmp_path)].count("challenge") > everybody


def test_the_reasons_stand_beside_the_decisions_if_asked_for(tmp_path: Path) -> None:
    stopped = [row for row in replay(tmp_path, "--reasons") if row["decision"] != "allow"]
    assert {"why", "subject", "sent", "proved", "seconds", "score"} <= set(stopped[0])


@pytest.mark.parametrize(
    ("name", "away"),
    [
        *((name, 0) for name in ("first-day", "numbers-in-turn", "a-flood", "one-prefix", "few-addresses")),
        *((name, 0) for name in ("third-is-proved", "three-to-each", "very-slow", "all-over-the-world")),
        # Not these: their country, or a million numbers of it, closes to strangers, as nothing tells them apart.
        *((name, 2) for name in ("hundred-thousand", "many-small-blocks", "whole-country", "lists-of-people")),
    ],
)
def test_a_small_site_stops_an_attack_within_30_messages(name: str, away: int) -> None:
    """20 people a day, or nothing known at all. ``away``: how many of 200 people are turned away at most."""
    scenario = [each for each in requests(name, 2, 20) if each.at < ATTACK_AT + 12 * HOUR]
    solves = {number: each.solves for number, each in enumerate(scenario)}
    went = [
        verdict.decision == ALLOW or (verdict.decision == CHALLENGE and solves[number])
        for number, verdict in replayed(list(lines(scenario)), solves)
    ]
    assert sum(not goes for goes, each in zip(went, scenario, strict=True) if not each.attacks) <= away
    assert 0 < sum(goes for goes, each in zip(went, scenario, strict=True) if each.attacks) <= 30
