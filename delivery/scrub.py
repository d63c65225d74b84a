"""Whatever a provider says may quote the message: the number and the code go before its words are kept or logged."""

from __future__ import annotations

import re

from connectors.contract import spelled

HIDDEN = "•••"
BETWEEN = r"\W{0,3}"  # how digits may be set apart
RUN = re.compile(r"\+?\d(?:[ .()/\-\u2010-\u2013]{0,2}\d){5,}")  # as long as a code, however spaced
OWN_CODE = re.compile(r"\d{1,6}")  # Meta's have six digits
TAIL = 5  # of a number's digits: few national numbers are shorter, and nobody writes them otherwise


def scrubbed(words: str, number: str, code: str) -> str:
    """``words`` as one line without the number (E.164), without any national spelling of it, and without the code."""
    words = spelled(words)
    for digits in filter(None, (number[-TAIL:], code)):
        words = re.sub(r"\+?\d*" + BETWEEN.join(digits), HIDDEN, words)
    return words


def without_numbers(words: str) -> str:
    """What is said of a message that is not known (yet): every run of six digits or more goes."""
    return RUN.sub(HIDDEN, words)


def code_without_numbers(code: str) -> str:
    """A provider's own code: one that is nothing but a short number stays."""
    return code if OWN_CODE.fullmatch(code) else without_numbers(code)
