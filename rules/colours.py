"""Which text can be read on a colour. WCAG 2.2, relative luminance and contrast ratio."""

from __future__ import annotations

DARK, LIGHT = "#111", "#fff"


def text_on(colour: str) -> str:
    """Of near-black and white the one with more contrast on ``#rrggbb``; it is 4.5 at least, whatever the colour."""
    light = _luminance(colour)
    return LIGHT if 1.05 / (light + 0.05) >= (light + 0.05) / (_luminance("#111111") + 0.05) else DARK


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
