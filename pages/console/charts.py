"""Charts as SVG. Data in, markup out: no script, no colours of their own, no text that shrinks with the picture.

A picture is stretched over the width that there is, its lines are not; what labels it is HTML beside it. Colours come
with the classes, from static/messages.css.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

HEIGHT, STEP = 100, 10  # units of a picture: its height, and the width of a day


@dataclass(frozen=True)
class Series:
    """``name``: its class. ``filled``: the ground below its line is coloured."""

    name: str
    values: Sequence[float]
    filled: bool = False


@dataclass(frozen=True)
class Chart:
    """``top``: what the upper edge stands for; the lower one is 0."""

    svg: Markup
    top: float


def days_chart(name: str, title: str, description: str, series: Sequence[Series], captions: Sequence[str]) -> Chart:
    """Lines over days. ``name``: a word of its own on the page; ``captions``: what each day tells a pointer."""
    top = round_up(max((value for each in series for value in each.values), default=0))
    width = STEP * len(captions)
    parts = [_grid(width), *(_line(each, top) for each in series), *map(_caption, range(len(captions)), captions)]
    svg = Markup(
        '<svg class="plot" viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img"'
        ' aria-labelledby="{name}-title {name}-description"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-description">{description}</desc>{parts}</svg>'
    ).format(width=width, height=HEIGHT, name=name, title=title, description=description, parts=Markup("").join(parts))
    return Chart(svg, top)


def share_bar(share: float, name: str = "share") -> Markup:
    """How much of a whole, from 0 to 1. The number itself must stand beside it."""
    width = round(100 * min(max(share, 0.0), 1.0), 1)
    return Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rest" width="100" height="8"/><rect class="{name}" width="{width}" height="8"/></svg>'
    ).format(name=name, width=width)


def round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 ... that is not below."""
    if value <= 0:
        return 1
    unit = 10.0 ** (len(str(int(value))) - 1) if value >= 1 else 0.01
    while unit * 10 < value:
        unit *= 10
    return next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= value)


def _grid(width: int) -> Markup:
    lines = (f'<path class="grid" d="M0 {y}H{width}"/>' for y in (0, HEIGHT // 2, HEIGHT))
    return Markup("").join(map(Markup, lines))


def _line(series: Series, top: float) -> Markup:
    points = [(STEP * (n + 0.5), HEIGHT * (1 - value / top)) for n, value in enumerate(series.values)]
    path = "M" + "L".join(f"{x:g} {y:.1f}" for x, y in points)
    area = ""
    if series.filled and points:
        area = Markup('<path class="area {}" d="{}V{}H{:g}Z"/>').format(series.name, path, HEIGHT, points[0][0])
    return area + Markup('<path class="line {}" d="{}"/>').format(series.name, path)


def _caption(number: int, text: str) -> Markup:
    return Markup('<rect class="day" x="{}" width="{}" height="{}"><title>{}</title></rect>').format(
        number * STEP, STEP, HEIGHT, escape(text)
    )
