"""No page is forgotten: what is drawn for people or admins is looked at in a browser, in every look."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.browser.stops import NOT_SEEN, SEEN
from tests.house.source import texts

FILLED = "{% block main %}(?!{% endblock %})"


def pages(files: Mapping[str, str]) -> set[str]:
    """The templates that are pages of their own: not a part of one, and not what others are drawn upon."""
    return {
        path.removeprefix("templates/").removesuffix(".html")
        for path, text in files.items()
        if path.startswith("templates/") and "{% extends" in text and re.search(FILLED, text)
    }


def test_every_page_is_a_stop_of_a_walk_or_says_why_not() -> None:
    assert pages(texts()) == SEEN | NOT_SEEN.keys(), "name the page in tests/browser/stops.py, and walk there"
    assert not SEEN & NOT_SEEN.keys()


@pytest.mark.parametrize(
    ("path", "text", "is_page"),
    [
        ("templates/mfa/new.html", '{% extends "layout.html" %}{% block main %}', True),
        ("templates/parts/new.html", "{% macro new() %}{% endmacro %}", False),
        ("templates/layout.html", '{% extends "other.html" %}{% block main %}{% endblock %}', False),
        ("templates/mfa/frame.html", '{% extends "layout.html" %}{% block head %}', False),
        ("docs/templates.html", '{% extends "layout.html" %}{% block main %}', False),
    ],
)
def test_a_page_is_told_from_its_parts(path: str, text: str, is_page: bool) -> None:
    assert bool(pages({path: text})) == is_page
