"""The look: light to load, readable in both colour schemes, translatable, and within a strict content policy."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from settings.fields import Field, Kind

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static").glob("*.css"))
LIGHT, DARK = re.findall(r":root \{(.*?)\}", (ROOT / "static/app.css").read_text(), re.DOTALL)
TEXT_PAIRS = [
    *[(ink, ground) for ink in ("ink", "soft", "good", "warn", "bad") for ground in ("paper", "ground")],
    *[("on-brand", "brand"), ("on-brand", "brand-hover"), ("bad", "bad-ground"), ("ink", "bad-ground")],
]
EDGE_PAIRS = [(edge, ground) for edge in ("field", "focus", "brand") for ground in ("paper", "ground")]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def luminance(colour: str) -> float:
    """WCAG's relative luminance of ``#rgb`` or ``#rrggbb``."""
    digits = colour if len(colour) == 6 else "".join(c + c for c in colour)
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(scheme: str, one: str, other: str) -> float:
    colours = dict(re.findall(r"--([\w-]+): #(\w+)", scheme))
    low, high = sorted((luminance(colours[one]), luminance(colours[other])))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_edges_can_be_seen(scheme: str) -> None:
    assert {pair: contrast(scheme, *pair) for pair in TEXT_PAIRS if contrast(scheme, *pair) < 4.5} == {}
    assert {pair: contrast(scheme, *pair) for pair in EDGE_PAIRS if contrast(scheme, *pair) < 3} == {}


LIMITS = {"app.css": 2600, "app.js": 1100, "console.css": 2400, "console.js": 600}


@pytest.mark.parametrize(("file", "limit"), LIMITS.items())
def test_what_a_first_visit_loads_stays_small(file: str, limit: int) -> None:
    assert len(gzip.compress((ROOT / "static" / file).read_bytes())) <= limit


@pytest.mark.parametrize("sheet", SHEETS, ids=name_of)
def test_right_to_left_needs_no_second_sheet(sheet: Path) -> None:
    physical = r"[\w-]+-(?:left|right)\b|\b(?:left|right)\s*:|(?:text-align|float|clear):\s*(?:left|right)"
    assert re.findall(physical, sheet.read_text()) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_a_strict_content_policy_lets_the_page_work(template: Path) -> None:
    text = template.read_text()
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]* src=)|@import", text) == []
    assert re.findall(r"(?:src|href|action)=[\"']?(?:https?:)?//", text) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_each_sentence_can_be_translated(template: Path) -> None:
    outside_jinja = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", template.read_text(), flags=re.DOTALL)
    outside_tags = re.sub(r"<[^>]*>|[\w-]+=\"[^\"]*\"", " ", outside_jinja)
    said_only = " ".join(re.findall(r"(?:aria-label|placeholder|title|alt)=\"([^\"]*)\"", outside_jinja))
    assert re.findall(r"[^\W\d_]+", outside_tags + said_only) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_each_form_that_changes_something_proves_where_it_came_from(template: Path) -> None:
    forms = re.findall(r"<form method=\"post\".*?</form>", template.read_text(), re.DOTALL)
    assert [form for form in forms if "{{ csrf() }}" not in form] == []


def drawn(field: Field, value: object) -> str:
    """A setting as the console's form shows it."""
    jinja = Environment(loader=FileSystemLoader(ROOT / "templates"), extensions=["jinja2.ext.i18n"], autoescape=True)
    jinja.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    jinja.filters["translated"] = str
    return str(jinja.get_template("parts/settings.html").module.setting(field, value, None))  # type: ignore[attr-defined]


@pytest.mark.parametrize(("value", "on"), [(True, True), ("on", True), (False, False), ("off", False), (None, False)])
def test_a_switch_shows_what_was_saved_or_typed(value: object, on: bool) -> None:
    assert (" checked" in drawn(Field("x", "Switch", Kind.SWITCH), value)) is on


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.LONG_TEXT, Kind.LIST, Kind.URL])
def test_a_secret_is_never_written_into_its_box(kind: Kind) -> None:
    field = Field("token", "Token", kind, secret=True)
    assert "kept; type to replace" in drawn(field, True)
    assert "kept" not in drawn(field, False)
    boxes = [re.search(r"value=\"[^\"]+|<textarea[^>]*>[^<]+<", drawn(field, value)) for value in (True, False, "hush")]
    assert boxes == [None, None, None]
