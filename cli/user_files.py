"""Files of users, a line each: JSON lines, or CSV with a header. What cannot be read is a line with a problem."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from flows.import_users import Line

LONGEST_LINE = 16 * 1024  # bytes


def read(path: Path) -> Iterator[Line]:
    """CSV where the name ends so, JSON lines otherwise. Lines are counted from 1, as editors do."""
    return _csv(path) if path.suffix.lower() == ".csv" else _json_lines(path)


def _json_lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _json_line(number, line)


def _json_line(number: int, line: bytes) -> Line:
    if len(line) > LONGEST_LINE:
        return Line(number, None, "it is too long")
    try:
        fields = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Line(number, None, "it is not UTF-8")
    except (ValueError, RecursionError):
        return Line(number, None, "it is not JSON")
    if not isinstance(fields, dict):
        return Line(number, None, "it is no JSON object")
    return Line(number, fields)


def _csv(path: Path) -> Iterator[Line]:
    """A row may go over several lines; its number is that of its last one."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        rows = csv.reader(file, strict=True)
        header = [name.strip() for name in next(rows, [])]
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error:
                yield Line(rows.line_num, None, "it is not CSV")
                continue
            if row:
                yield _row(rows.line_num, header, row)


def _row(number: int, header: list[str], row: list[str]) -> Line:
    if len(row) != len(header):
        return Line(number, None, f"it has {len(row)} columns, and the header {len(header)}")
    if any(not value.isprintable() for value in row):  # bytes that are not UTF-8, too
        return Line(number, None, "it has characters that cannot be read")
    return Line(number, dict(zip(header, row, strict=True)))
