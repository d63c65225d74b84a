"""Which connector carries a message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from settings.connectors import Connectors

# No other provider could help: the number is wrong, or its owner wants no messages.
FINAL = frozenset({"bad_number", "blocked"})
# These speak of the connector as a whole, not of one message.
OF_THE_CONNECTOR = frozenset({"bad_credentials", "no_balance", "temporary", "unknown"})


def candidates(connectors: Connectors, country: str, begun_with: str | None = None) -> list[str]:
    """The connectors that may carry a message, best first: what it began with, the country's own, then the others."""
    routed = [name for name, countries in connectors.routes.items() if country in countries]
    names = [begun_with, *routed, connectors.active, connectors.standby]
    return [name for name in dict.fromkeys(names) if name and name in connectors.configurations]


def choose(
    candidates: Sequence[str],
    *,
    tried: Sequence[str],
    unsure: str | None,
    earlier: Collection[str],
    open_circuits: Collection[str],
) -> str | None:
    """The next connector of a message that ``tried`` some already.

    Where an attempt never ended, its connector keeps the message: ``unsure`` may have sent it, so no other takes over.

    A connector with an open circuit comes last. One that the person has had an ``earlier`` message from comes after
    one that they have not: they ask again because it did not come.
    """
    if unsure:
        return unsure
    tries = Counter(tried)
    ranked = sorted(candidates, key=lambda name: (name in open_circuits, tries[name], name in earlier))
    return ranked[0] if ranked else None
