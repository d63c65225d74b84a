"""``flask guard replay``: a stream in, decisions out; ``flask guard export``: a stream of what was sent."""

from __future__ import annotations

import json
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import Result

from app import create_app
from bench.fraud.__main__ import lines
from bench.fraud.scenarios import ATTACK_AT, HOUR, requests
from cli.replaying import Replay, on_disk, replayed
from cli.traffic import event_of
from rules.risk_levels import ALLOW, CHALLENGE, DAY
from storage.receipts import FAILED
from tests.kit import House, environment


def run(tmp_path: Path, traffic: str | bytes, *arguments: str) -> Result:
    """A replay of a file; it asks no database."""
    file = tmp_path / "traffic.jsonl"
    file.write_bytes(traffic if isinstance(traffic, bytes) else traffic.encode())
    app = create_app(environment(f"sqlite:///{tmp_path}/none.db", tmp_path))
    result = app.test_cli_runner().invoke(args=["guard", "replay", str(file), *arguments])
    assert not (tmp_path / "none.db").exists()
    return result


def request(at: float, found: object = 1, phone: object = "+447400123456", **more: object) -> str:
    return json.dumps({"t": at, "event": "request", "id": found, "ip": "20.0.0.7", "phone": phone} | more)


def replay(tmp_path: Path, *arguments: str) -> list[dict[str, object]]:
    rows = []
    for n in range(40):
        phone = f"+447400{n * 3701 % 1000000:06d}" if n % 2 else f"+4474001{n * 37 % 100000:05d}"
        rows.append(request(60 * n, n, phone, ip=f"20.0.{n}.7"))
    rows.append(json.dumps({"t": 2401, "event": "verified", "id": 0}))
    result = run(tmp_path, "\n".join(rows), *arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


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


def test_how_many_of_each_are_told(tmp_path: Path) -> None:
    result = run(tmp_path, request(0))
    assert (result.exit_code, result.stderr) == (0, "1 allow, 0 challenge, 0 block.\n")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "it is not JSON"),
        ("[" * 9999, "it is not JSON"),
        ("7", "it is no JSON object"),
        (b"\xff{}", "it is not UTF-8"),
        (json.dumps("x" * 20_000), "it is too long"),
        (request(59), "its time is before that of a line above it"),
        ('{"t": 1e999, "event": "request", "id": 1}', '"t" is no number of seconds'),
        ('{"t": ' + "9" * 400 + ', "event": "request", "id": 1}', '"t" is no number of seconds'),
        (request(99).replace("99", '"noon"'), '"t" is no number of seconds'),
        (request(99).replace("99", "1764271234567"), '"t" is no number of seconds'),  # but of milliseconds
        (request(99, None), '"id" is neither a number nor a text'),
        (request(99, event="asked"), '"event" is neither "request" nor "verified"'),
        (request(99, phone="07400 123456"), '"phone" is no number that begins with + and a calling code'),
        (request(99, phone="+44"), '"phone" is no number that begins with + and a calling code'),
        (request(99, phone=447400123456), '"phone" is no number that begins with + and a calling code'),
        (request(99, ip="20.0.0"), '"ip" is no address'),
        (request(99, ip=7), '"ip" is no address'),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_left_out(tmp_path: Path, line: str | bytes, problem: str) -> None:
    traffic = line if isinstance(line, bytes) else line.encode()
    result = run(tmp_path, request(60).encode() + b"\n\n" + traffic + b"\n" + request(120, "two").encode())
    assert result.exit_code == 1
    assert result.stderr == f"line 3: {problem}\n2 allow, 0 challenge, 0 block.\n"
    assert [json.loads(row)["id"] for row in result.stdout.splitlines()] == [1, "two"]


def test_a_file_without_a_request_is_told_and_a_long_list_of_problems_is_cut(tmp_path: Path) -> None:
    result = run(tmp_path, "")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "There is no request in it." in result.stderr
    result = run(tmp_path, "{\n" * 50)
    assert len(result.stderr.splitlines()) == 23
    assert "... and 30 lines more." in result.stderr


def test_what_a_line_says_besides_is_not_looked_at_and_an_address_may_be_missing(tmp_path: Path) -> None:
    rows = [request(n, n, f"+4474{n}0123456", ip=None, who="attack", more=[1]) for n in range(5)]
    assert run(tmp_path, "\n".join(rows)).exit_code == 0


def test_who_solves_is_read_with_care_too(tmp_path: Path) -> None:
    solves = tmp_path / "solves.jsonl"
    solves.write_text('{"id": 1, "solves": false}\n{"id": 2, "solves": "no"}\n')
    result = run(tmp_path, request(0), "--solves", str(solves))
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        1,
        'solves.jsonl, line 2: "solves" is neither true nor false',
    )


def test_what_the_guard_would_have_forgotten_takes_no_memory() -> None:
    past = Replay({})
    for n in range(300):  # a number of its own each day, and an address
        past.take(event_of(json.loads(request(n * DAY, n, f"+4474{n * 37 % 100:02d}{n * 7919 % 10**6:06d}"))))
    assert len(past) < 300


def test_what_was_sent_is_exported_and_replayed(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In time's order: the second person types the code before the first one does. What did not leave is not in it."""
    monkeypatch.setattr("cli.traffic.AT_ONCE", 1)
    codes, browsers = [], [house.browser() for _ in range(3)]
    for n, browser in enumerate(browsers):
        browser.sign_in(f"06 12 34 56 7{n}")
        codes.append(house.newest_code())
        house.clock.forward(2)
    house.sql("UPDATE messages SET state = 'refused' WHERE recipient = '+33612345672'")
    ann, ben, _eve = browsers
    for browser, code in ((ben, codes[1]), (ann, codes[0])):
        browser.type_code(code)
        house.clock.forward(5)
    house.worker.learning.run()
    house.sql("UPDATE messages SET receipt = :failed WHERE recipient = '+33612345670'", failed=FAILED)  # as carriers do
    traffic = tmp_path / "traffic.jsonl"
    result = house.app.test_cli_runner().invoke(args=["guard", "export", "--out", str(traffic)])
    assert result.exit_code == 0, result.output
    assert traffic.stat().st_mode & 0o077 == 0
    found = [json.loads(line) for line in traffic.read_text().splitlines()]
    assert [(row["event"], row.get("phone")) for row in found] == [
        ("request", "+33612345670"),
        ("request", "+33612345671"),
        ("verified", None),
        ("verified", None),
    ]
    assert [row["id"] for row in found[2:]] == [found[1]["id"], found[0]["id"]]
    assert run(tmp_path, traffic.read_text()).exit_code == 0
    house.clock.forward(3 * DAY)
    assert house.app.test_cli_runner().invoke(args=["guard", "export", "--days", "2"]).output == ""


def test_a_replay_that_is_told_to_end_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = signal.getsignal(signal.SIGTERM)
    with suppress(KeyboardInterrupt), on_disk({}) as past:
        past.take(event_of(json.loads(request(0))))
        assert list(tmp_path.iterdir())
        signal.raise_signal(signal.SIGTERM)
        pytest.fail("it went on")
    assert not list(tmp_path.iterdir())
    assert signal.getsignal(signal.SIGTERM) == before


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
