"""What a decision of the guard costs, with the memory that ten million messages leave: ``python -m bench.guard``.

Ten million messages in half a year are about three million numbers, half a million blocks of each size that matters and
half a million addresses and networks: all older than that is pruned. ``--quick``: a hundredth of it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from rules import guarding
from rules.risk_reading import Asked
from settings.guard import Guard
from settings.sections import Settings
from storage import guard
from storage.database import Database, open_database
from storage.migrate import upgrade
from tests import services

NUMBERS = 3_000_000
TIMES = 400
# "{n}" numbers that count up, spread over the key; the statement of each database that counts up.
KINDS = {
    "number:+3361": (1, 8),
    "block2:+3361": (6, 6),
    "block4:+3361": (30, 4),
    "address:10.": (6, 7),
    "network:10.": (12, 6),
}
COUNT = {
    True: "WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < {last}) SELECT n FROM s",
    False: "SELECT n FROM generate_series(0, {last}) AS s(n)",
}
FILL = """INSERT INTO guard_evidence (key, score, since, sent, proved, pace, usual_sent, usual_proved, at, pin, note,
    expires_at) SELECT '{kind}' || {padded}, 0, 0, 1, 1, 0, 1, 1, {now}, '', '{{"home":"address:10.1"}}', {until}
    FROM ({series}) AS counted WHERE true ON CONFLICT DO NOTHING"""


def fill(database: Database, numbers: int) -> int:
    for kind, (divisor, digits) in KINDS.items():
        padded = f"substr('0000000000' || CAST(n AS TEXT), -{digits})"
        if not database.is_sqlite:
            padded = f"lpad(CAST(n AS TEXT), {digits}, '0')"
        values = {"kind": kind, "padded": padded, "now": time.time(), "until": time.time() + 10**7}
        series = COUNT[database.is_sqlite].format(last=numbers // divisor - 1)
        with database.write() as connection:
            connection.execute(text(FILL.format(**values, series=series).replace(":", "\\:")))
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("ANALYZE guard_evidence"))
        return int(connection.scalar(text("SELECT count(*) FROM guard_evidence")) or 0)


def measure(database: Database, numbers: int) -> dict[str, float]:
    """Milliseconds, median: a transaction with one write in it, the same with a decision, and a proof."""
    settings = Settings(guard=Guard(mode="on"))
    found: dict[str, list[float]] = {"a bare transaction": [], "with a decision": [], "with a proof": []}
    for n in range(TIMES):
        now = time.time()
        asked = Asked(f"+3361{n * 7919 % numbers:08d}", "FR", f"10.{n % 200}.{n % 100}.1")
        begun = time.perf_counter()
        with database.write() as connection:
            guard.add_pass(connection, "another browser", now, now)
        bare = time.perf_counter()
        with database.write() as connection:
            guard.add_pass(connection, "another browser", now, now)
            guarding.admit(connection, settings, asked, "10.0.0.1", "a browser", now)
        decided = time.perf_counter()
        with database.write() as connection:
            guarding.learn(connection, [(asked.number, now + 20)])
        proved = time.perf_counter()
        for name, begin, end in zip(found, (begun, bare, decided), (bare, decided, proved), strict=True):
            found[name].append((end - begin) * 1000)
    return {name: statistics.median(times) for name, times in found.items()}


def main(numbers: int) -> None:
    with tempfile.TemporaryDirectory() as folder, services.postgresql() as server:
        for title, url in (("SQLite", f"sqlite:///{folder}/doorcode.db"), ("PostgreSQL", server)):
            upgrade(url)
            database = open_database(url)
            rows = fill(database, numbers)
            cost = measure(database, numbers)
            database.engine.dispose()
            added = cost["with a decision"] - cost["a bare transaction"]
            size = Path(folder, "doorcode.db").stat().st_size / 2**20 if title == "SQLite" else 0
            print(f"the guard on {title}, {rows:,} records{f', {size:.0f} MB' if size else ''}, median ms:")
            print("  " + "; ".join(f"{name} {ms:.2f}" for name, ms in cost.items()) + f"; a decision adds {added:.2f}")


if __name__ == "__main__":
    main(NUMBERS // 100 if "--quick" in sys.argv else NUMBERS)
