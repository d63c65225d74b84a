"""What became of messages in figures, for the console: by the day, by country, by connector, and in money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from flows.services import Services
from rules import limits
from storage import message_days
from storage.message_days import DAY, DayCount

Key = TypeVar("Key")
SPANS = (7, 30, 90)  # days


@dataclass(frozen=True)
class Figures:
    sent: int = 0
    failed: int = 0
    delivered: int = 0
    verified: int = 0
    cost: float = 0.0


@dataclass(frozen=True)
class Summary:
    """``days``: each day since 1970, oldest first, those without messages too; countries and connectors: most sent
    first; ``caps``: (day or month, spent, cap); ``counted_at``: None where never."""

    days: list[tuple[int, Figures]]
    countries: list[tuple[str, Figures]]
    connectors: list[tuple[str, Figures]]
    total: Figures
    caps: list[tuple[str, float, float]]
    currency: str
    counted_at: float | None


def summary(services: Services, span: int) -> Summary:
    """The last ``span`` days, today among them."""
    now, settings = services.clock(), services.settings()
    today = int(now // DAY)
    with services.database.read() as connection:
        counts = message_days.read(connection, after=today - span)
        counted_at = message_days.counted_at(connection)
        caps = limits.spent(connection, settings, now)
    by_day = dict(_grouped(counts, lambda count: count.day))
    return Summary(
        days=[(day, by_day.get(day, Figures())) for day in range(today - span + 1, today + 1)],
        countries=_ranked(_grouped(counts, lambda count: count.country)),
        connectors=_ranked(_grouped(counts, lambda count: count.connector)),
        total=_sum(counts),
        caps=caps,
        currency=settings.money.currency,
        counted_at=counted_at,
    )


def _grouped(counts: Iterable[DayCount], key: Callable[[DayCount], Key]) -> list[tuple[Key, Figures]]:
    groups = defaultdict(list)
    for count in counts:
        groups[key(count)].append(count)
    return [(name, _sum(group)) for name, group in groups.items()]


def _ranked(groups: list[tuple[str, Figures]]) -> list[tuple[str, Figures]]:
    return sorted(groups, key=lambda group: (-group[1].sent, group[0]))


def _sum(counts: Iterable[DayCount]) -> Figures:
    columns = [(c.sent, c.failed, c.delivered, c.verified, c.cost) for c in counts]
    return Figures(*map(sum, zip(*columns, strict=True))) if columns else Figures()
