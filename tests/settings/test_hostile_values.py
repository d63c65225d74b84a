"""Whatever stands in the document of the settings, it is told what is wrong with it, or it can be kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.registry import connectors
from lookups.registry import lookups
from settings.console import first_settings, read_document, write_document
from settings.fields import Field, FieldError, Kind
from upstream.registry import providers

HALF = "\ud800"  # of a character
HOSTILE: list[Any] = [
    *(HALF, "a\0b", "x" * 20_000, 10**400, float("nan"), -1, True, None),
    *([], {}, [[]], [{}], [HALF], ["a\0b"], [1], {HALF: 1}, {"a": HALF}, [{"a": HALF}], {"a": {}}),
]


def places(document: dict[str, Any], *above: str) -> Iterator[tuple[str, ...]]:
    for name, value in document.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from places(value, *above, name)


def document_with(place: tuple[str, ...], value: Any) -> dict[str, Any]:
    for name in reversed(place):
        value = {name: value}
    found: dict[str, Any] = value
    return found


def read(document: Any) -> list[str]:
    """The paths with a problem."""
    settings, problems = read_document(document, connectors(), providers(), lookups(), production=True)
    assert all(str(problem) for problem in problems.values())
    if not problems:
        json.dumps(write_document(settings), ensure_ascii=False).encode()
    return list(problems)


@pytest.mark.parametrize("section", write_document(first_settings(production=True)))
def test_no_value_of_any_setting_is_an_error_of_ours(section: str) -> None:
    whole = write_document(first_settings(production=True))
    for place in places({section: whole[section]}):
        for value in HOSTILE:
            refused = read(document_with(place, value))
            assert all(path.startswith(section) for path in refused)


@pytest.mark.parametrize("typed", [[{"a": HALF}], f'["{HALF}"]', "[" * 5000, f"[{'1' * 5000}]", "[1"])
def test_json_that_cannot_be_kept_is_refused(typed: Any) -> None:
    with pytest.raises(FieldError):
        Field("templates", "Templates", Kind.JSON).clean(typed)
