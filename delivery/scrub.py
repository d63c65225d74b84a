"""Whatever a provider says may quote the message: to whom it goes, and the code, go before its words are kept or
logged."""

from __future__ import annotations

import re

from connectors.contract import spelled

HIDDEN = "•••"
BETWEEN = r"\W{0,3}"  # how digits may be set apart
RUN = re.compile(r"\+?\d(?:[ .()/\-\u2010-\u2013]{0,2}\d){5,}")  # as long as a code, however spaced
OWN_CODE = re.compile(r"\d{1,6}")  # Meta's have six digits
TAIL = 5  # of a number's digits: few national numbers are shorter, and nobody writes them otherwise


def scrubbed(words: str, recipient: str, code: str) -> str:
    """``words`` as one line without the code and the recipient: an address with its local part, or a number (E.164)
    with any national spelling of it."""
    words = spelled(words)
    if "@" in recipient:
        words = _without_address(words, recipient)
    for digits in filter(None, ("" if "@" in recipient else recipient[-TAIL:], code)):
        words = re.sub(r"\+?\d*" + BETWEEN.join(digits), HIDDEN, words)
    return words


def _without_address(words: str, address: str) -> str:
    local = address.rpartition("@")[0]
    for part in (address, local):
        words = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", HIDDEN, words, flags=re.IGNORECASE)
    return words


def without_numbers(words: str) -> str:
    """What is said of a message that is not known (yet): every run of six digits or more goes."""
    return RUN.sub(HIDDEN, words)


def code_without_numbers(code: str) -> str:
    """A provider's own code: one that is nothing but a short number stays."""
    return code if OWN_CODE.fullmatch(code) else without_numbers(code)
