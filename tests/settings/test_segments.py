"""The meter of a text: what it takes, and which character makes it dear."""

from __future__ import annotations

import pytest

from settings.segments import BASIC, EXTENSION, is_gsm, measure


def test_the_alphabet_is_that_of_the_standard() -> None:
    """128 places, one of them the escape to the extension table."""
    assert len(BASIC) == 127
    assert len(EXTENSION) == 10
    assert not BASIC & EXTENSION


@pytest.mark.parametrize(
    ("text", "units", "segments"),
    [
        ("", 0, 1),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("€" * 80, 160, 1),
        ("€" * 81, 162, 2),
        ("я" * 70, 70, 1),
        ("я" * 71, 71, 2),
        ("я" * 135, 135, 3),
        ("🔑" * 35, 70, 1),
        ("🔑" * 36, 72, 2),
    ],
)
def test_units_and_segments(text: str, units: int, segments: int) -> None:
    found = measure(text)
    assert (found.units, found.segments) == (units, segments)
    assert found.is_gsm == is_gsm(text)


def test_one_curly_quote_makes_a_text_dear_and_is_named() -> None:
    text = "It's good for 10 min. " * 5
    assert measure(text).segments == 1
    dear = measure(text.replace("'", "\u2019"))
    assert (dear.segments, dear.strange, dear.is_gsm) == (2, "\u2019", False)
