"""The project speaks of itself alone: not of where it was made, and not of what is left to do."""

from __future__ import annotations

import re

import pytest

from tests.house.source import texts

THIS_FILE = "tests/house/test_words.py"
FORBIDDEN = {
    "a place on somebody's machine": r"(?<![\w.])/(work|root|home/\w+)/|(?<![\w/])shared/",
    "a registry's host": r"pypi\.org|files\.pythonhosted|registry\.npmjs|crates\.io|proxy\.golang",
    "a number of an issue": (
        r"(?i)\b(issue|bug|ticket|pr|fix|fixes|fixed|close|closes|closed|see) ?#\d|\bgh-\d|/(issues|pull)/\d"
    ),
    "a bare number of an issue": r"(^|[\s(])#[1-9](\d|\d{3,4})?\b(?![;\w])",  # colours have 3, 6 or 8 digits
    "something left to do": r"\b(TODO|FIXME|XXX)\b",
}


def told(files: dict[str, str]) -> list[str]:
    return [
        f"{path}:{number}: {what}: {line.strip()[:100]}"
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if re.search(pattern, line)
    ]


def test_no_file_tells_more_than_it_should() -> None:
    assert told({path: text for path, text in texts().items() if path != THIS_FILE}) == []


@pytest.mark.parametrize(
    "line",
    [
        "see /work/main",
        "in shared/design.md",
        "/home/ann/doorcode",
        "https://pypi.org/simple",
        "https://github.com/a/b/issues/12",
        "fixes #123",
        "as asked in (#45)",
        "# TODO: later",
        "FIXME",
    ],
)
def test_a_telling_line_is_caught(line: str) -> None:
    assert told({"README.md": line})


@pytest.mark.parametrize("line", ["color: #123;", "&#39;", "<a href='#1'>", "#1a2b3c", "# 1. start", "/homework"])
def test_an_innocent_line_passes(line: str) -> None:
    assert told({"README.md": line}) == []
