"""A connector's guide, from Markdown to the page. HTML within it is shown as text."""

from __future__ import annotations

from functools import cache

import mistune
from markupsafe import Markup

_render = mistune.create_markdown(escape=True, plugins=["table", "url"])


@cache
def guide_of(markdown: str) -> Markup:
    """Without its first heading, which is the page's own."""
    _title, _newline, rest = markdown.partition("\n")
    return Markup(_render(rest))  # noqa: S704 - mistune escapes what the file holds
