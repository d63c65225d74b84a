"""Which colours can be seen on our pages, and which text can be read on a colour. WCAG 2.2, contrast ratio."""

from __future__ import annotations

from settings.fields import N_, Problem

DARK, LIGHT = "#111", "#fff"
PAPER, DARK_PAPER = "#ffffff", "#171b19"  # as static/app.css has them
SEEN = 3.0  # WCAG 2.2, 1.4.11: what shows a button must stand out by this
STEP = 0.04


def text_on(colour: str) -> str:
    """Of near-black and white the one with more contrast on ``#rrggbb``; it is 4.5 at least, whatever the colour."""
    return LIGHT if contrast(colour, "#ffffff") >= contrast(colour, "#111111") else DARK


def problem_of(colour: str) -> Problem | None:
    """Why a button of this colour would be lost on a white page, with the nearest tone that would not."""
    found = contrast(colour, PAPER)
    if found >= SEEN:
        return None
    values = {"found": f"{found:.1f}", "needed": f"{SEEN:.0f}", "nearest": towards(colour, "#000000", PAPER)}
    text = N_("On a white page its contrast is %(found)s, and %(needed)s is needed. %(nearest)s would do.")
    return Problem(text, values)


def in_the_dark(colour: str) -> str:
    """The colour for dark pages: itself, or a lighter tone of it where it would be lost."""
    return towards(colour, "#ffffff", DARK_PAPER)


def towards(colour: str, end: str, ground: str) -> str:
    """The first mixture of the colour and ``end`` that can be seen on the ground."""
    share = 0.0
    while contrast(mixed := _mix(colour, end, min(share, 1)), ground) < SEEN:
        share += STEP
    return mixed


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _mix(colour: str, end: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(end), strict=True)
    return "#" + "".join(f"{round(one + (other - one) * share):02x}" for one, other in pairs)


def _channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _luminance(colour: str) -> float:
    channels = [c / 255 for c in _channels(colour)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
