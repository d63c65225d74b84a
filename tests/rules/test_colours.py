"""Colours of applications: seen on white and on dark pages, with a text that can be read on them."""

from __future__ import annotations

import pytest

from rules import colours

SOME = ["#000000", "#155c4b", "#7a1fa2", "#e8590c", "#0000ff", "#777777"]
LOST = ["#ffffff", "#ffe066", "#7fffd4", "#ffff00", "#cccccc"]


@pytest.mark.parametrize("colour", SOME)
def test_what_can_be_seen_is_kept(colour: str) -> None:
    assert colours.problem_of(colour) is None


@pytest.mark.parametrize("colour", LOST)
def test_what_would_be_lost_on_white_is_refused_with_a_tone_that_would_do(colour: str) -> None:
    problem = colours.problem_of(colour)
    assert problem
    assert problem.values
    assert colours.problem_of(problem.values["nearest"]) is None


@pytest.mark.parametrize("colour", SOME)
def test_in_the_dark_it_can_be_seen_too_and_its_text_be_read(colour: str) -> None:
    dark = colours.in_the_dark(colour)
    assert colours.contrast(dark, colours.DARK_PAPER) >= 3
    for ground in (colour, dark):
        text = {"#fff": "#ffffff", "#111": "#111111"}[colours.text_on(ground)]
        assert colours.contrast(ground, text) >= 4.4


def test_a_colour_that_is_light_enough_stays_the_same_in_the_dark() -> None:
    assert colours.in_the_dark("#e8590c") == "#e8590c"
