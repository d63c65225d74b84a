"""What every provider of look-ups is made of: data in, data out, no network, no clock, no database.

A provider is one module of this package. It declares ``TITLE``, ``SUMMARY`` and ``FIELDS``, and has

    build(config, question) -> Request              what to ask
    read(config, reply) -> Found                    never raises, whatever the reply

and, where it applies,

    SIM_SWAP = True                                 it can also tell whether the SIM card was changed lately
    check(config) -> dict[field name, Problem]      a rule that the fields cannot say

``config`` has passed the fields. Lines and what can be asked: settings/lookups.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from settings.fields import N_, Field, Kind

SWAPS = Field(
    "sim_swaps",
    N_("Ask for changed SIM cards too"),
    Kind.SWITCH,
    default=False,
    help=N_(
        "Of who signs in by text message and has another factor. Was the card changed lately, the other one is asked "
        "for as well. Operators have to approve your account for it."
    ),
)


@dataclass(frozen=True)
class Question:
    """``what``: line or sim_swap; ``number`` in E.164. ``at`` (unix seconds) and ``nonce`` (new each time) are for
    signatures."""

    what: str
    number: str = field(repr=False)
    at: int = 0
    nonce: str = ""

    @property
    def digits(self) -> str:
        """The number without its +."""
        return self.number.removeprefix("+")


@dataclass(frozen=True)
class Found:
    """``line``: "" where the provider did not say; ``swapped``: None likewise. ``code`` and ``detail``: why not, in the
    provider's words, for admins only."""

    line: str = ""
    carrier: str = ""
    swapped: bool | None = None
    code: str = ""
    detail: str = ""
