"""Which connector carries a message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from settings.connectors import Connectors

# No other provider could help: the number is wrong, or its owner wants no messages.
FINAL = frozenset({"bad_number", "blocked"})
# These speak of the connector as a whole, not of one message.
OF_THE_CONNECTOR = frozenset({"bad_credentials", "no_balance", "temporary", "unknown"})


def candidates(
    connectors: Connectors, channel: str, country: str, begun_with: str | None = None, *, interrupted: bool = False
) -> list[str]:
    """The connectors that may carry a message, best first: what it began with, the country's own, then the others.

    What it began with carries it alone where the admin has put another in its place since, and where a call of it was
    ``interrupted``: that one may have sent it, so no other takes over, also where it is not set up any more. E-mail has
    one connector, and no countries.
    """
    if interrupted and begun_with:
        return [begun_with]
    routed = [name for name, countries in connectors.routes.items() if country in countries]
    names = [connectors.email] if channel == "email" else [*routed, connectors.active, connectors.standby]
    if begun_with and begun_with in connectors.configurations:
        names = [begun_with, *names] if begun_with in names else [begun_with]
    return [name for name in dict.fromkeys(names) if name in connectors.configurations]


def choose(
    candidates: Sequence[str], *, tried: Sequence[str], earlier: Collection[str], open_circuits: Collection[str]
) -> str | None:
    """The next connector of a message that ``tried`` some already.

    One that has not refused it comes first, and among those one whose circuit is closed. One that the person has had
    an ``earlier`` message from comes after one that they have not: they ask again because it did not come.
    """
    tries = Counter(tried)
    ranked = sorted(candidates, key=lambda name: (tries[name], name in open_circuits, name in earlier))
    return ranked[0] if ranked else None
