"""Files and functions that fit a head."""

from __future__ import annotations

import pytest

from tests.house.source import functions, product, texts

FILE_LINES = 300
FUNCTION_LINES = 40
MEASURED = (".py", ".js", ".html")


def long_files(files: dict[str, str]) -> list[str]:
    lengths = {path: len(text.splitlines()) for path, text in files.items() if path.endswith(MEASURED)}
    return [f"{path}: {lines} lines" for path, lines in lengths.items() if lines > FILE_LINES]


def long_functions(files: dict[str, str]) -> list[str]:
    return [
        f"{path}:{function.lineno}: {function.name} has {lines} lines"
        for path, text in files.items()
        for function in functions(text)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
    ]


def test_no_file_is_too_long() -> None:
    served = {path: text for path, text in texts().items() if path.startswith(("templates/", "static/"))}
    assert long_files(product() | served) == []


def test_no_function_is_too_long() -> None:
    assert long_functions(product()) == []


@pytest.mark.parametrize(("lines", "faults"), [(300, []), (301, ["app.py: 301 lines"])])
def test_a_long_file_is_caught(lines: int, faults: list[str]) -> None:
    assert long_files({"app.py": "x = 1\n" * lines}) == faults


@pytest.mark.parametrize(("lines", "faults"), [(39, []), (40, ["app.py:1: f has 41 lines"])])
def test_a_long_function_is_caught(lines: int, faults: list[str]) -> None:
    assert long_functions({"app.py": "def f():\n" + "    x = 1\n" * lines}) == faults
