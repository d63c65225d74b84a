"""A picture that an authenticator app reads."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def picture(text: str) -> Markup:
    """An SVG to stand in a page, without a style of its own."""
    drawn = io.BytesIO()
    segno.make(text, micro=False).save(drawn, kind="svg", scale=4, border=4, xmldecl=False, svgns=False, light="#fff")
    return Markup(drawn.getvalue().decode())  # noqa: S704 - drawn by segno from our own text
