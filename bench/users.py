"""``python -m bench.users``: 50,000 users with hashes of all kinds are imported and checked, on both databases.

Prints the time of a first and of a second run; ends with an error where anything is missing or changed.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from cli import user_files
from flows import import_users
from rules import passwords
from storage.migrate import upgrade
from tests import services
from tests.cli.test_users import PASSWORD, many
from tests.kit import House, open_house


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "users.jsonl"
        with path.open("w") as file:
            file.writelines(json.dumps(user) + "\n" for user in many(count))
        print(f"{count} users, {path.stat().st_size / 1e6:.1f} MB")
        measure("SQLite", f"sqlite:///{folder}/doorcode.db", folder / "sqlite", path, count)
        with services.postgresql() as url:
            measure("PostgreSQL", url, folder / "postgresql", path, count)


def measure(label: str, url: str, instance: Path, path: Path, count: int) -> None:
    upgrade(url)
    with open_house(url, instance) as house:
        first, second = timed(house, path, (count, 0)), timed(house, path, (0, count))
        check(house, count)
    print(f"{label}: {first:.1f} s, {count / first:.0f} a second; again, where all are there: {second:.1f} s")


def timed(house: House, path: Path, expected: tuple[int, int]) -> float:
    problems: list[object] = []
    start = time.perf_counter()
    report = import_users.run(house.services, user_files.read(path), lambda *told: problems.append(told))
    seconds = time.perf_counter() - start
    if problems or (report.imported, report.there) != expected:
        sys.exit(f"{report} {problems[:3]}")
    return seconds


def check(house: House, count: int) -> None:
    """As many as there should be, each with a name; and of every kind of hash some that open to the password."""
    orphans = house.sql("SELECT count(*) FROM accounts WHERE id NOT IN (SELECT account_id FROM identifiers)")
    kept = [row[0] for row in house.sql("SELECT password_hash FROM accounts WHERE password_hash IS NOT NULL")]
    right = [passwords.is_right(each, PASSWORD) for each in sorted(set(kept))]
    if (house.count("accounts"), orphans[0][0], len(kept), all(right)) != (count, 0, count - -(-count // 7), True):
        sys.exit(f"{house.count('accounts')} accounts, {len(kept)} hashes, {right.count(False)} wrong")
    print(f"    {len(kept)} hashes, {len(right)} different ones, all open to the password")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
