"""Whatever a provider says may quote the message: the number and the code go before its words are kept or logged."""

from __future__ import annotations

import re

from connectors.contract import spelled

HIDDEN = "•••"
BETWEEN = r"\W{0,3}"  # how digits may be set apart
TAIL = 5  # of a number's digits: few national numbers are shorter, and nobody writes them otherwise


def scrubbed(words: str, number: str, code: str) -> str:
    """``words`` as one line without the number (E.164), without any national spelling of it, and without the code."""
    words = spelled(words)
    for digits in filter(None, (number[-TAIL:], code)):
        words = re.sub(r"\+?\d*" + BETWEEN.join(digits), HIDDEN, words)
    return words
