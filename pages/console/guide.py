"""A connector's guide, from Markdown to the page. HTML within it is shown as text."""

from __future__ import annotations

from functools import cache

import mistune
from markupsafe import Markup

_render = mistune.create_markdown(escape=True, plugins=["table", "url"])

# What may be wider than the guide scrolls by itself, also by keyboard. Guides are in English.
WIDE = {
    "<table>": '<div class="scroll" role="region" aria-label="Table" tabindex="0"><table>',
    "</table>": "</table></div>",
    "<pre>": '<pre class="scroll" role="region" aria-label="Example" tabindex="0">',
}


@cache
def guide_of(markdown: str) -> Markup:
    """Without its first heading, which is the page's own."""
    _title, _newline, rest = markdown.partition("\n")
    page = str(_render(rest))
    for tag, scrolling in WIDE.items():
        page = page.replace(tag, scrolling)
    return Markup(page)  # noqa: S704 - mistune escapes what the file holds
