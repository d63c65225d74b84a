"""Rules that others count by, to stand beside the guard: limits an address and number, and a budget of a country."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Any

from cli.traffic import country_of_number as country_of
from rules.risk_levels import ALLOW, REFUSE

HOUR, DAY = 3600, 86400


class Window:
    def __init__(self) -> None:
        self.times: dict[str, deque[float]] = defaultdict(deque)

    def count(self, key: str, now: float, seconds: float) -> int:
        times = self.times[key]
        while times and times[0] <= now - seconds:
            times.popleft()
        return len(times)

    def add(self, key: str, now: float) -> None:
        self.times[key].append(now)


def limits(lines: Iterable[dict[str, Any]]) -> dict[int, str]:
    """Ten an hour to a number, a block of ten thousand and from an address; fifty a day to a country."""
    kept, found = Window(), {}
    for line in lines:
        if line["event"] == "request":
            now, phone = line["t"], line["phone"]
            hours, country = (phone, phone[:-4], line["ip"]), country_of(phone)
            full = any(kept.count(key, now, HOUR) >= 10 for key in hours) or kept.count(country, now, DAY) >= 50
            found[line["id"]] = REFUSE if full else ALLOW
            for key in () if full else (*hours, country):
                kept.add(key, now)
    return found


def budget(lines: Iterable[dict[str, Any]]) -> dict[int, str]:
    """A country may have as many unproved messages a day as three tenths of those that it proved, or twenty."""
    proved, asked, found, sent = Window(), Window(), {}, {}
    for line in lines:
        now = line["t"]
        if line["event"] == "verified":
            if line["id"] in sent:
                proved.add(sent.pop(line["id"]), now)
            continue
        country = country_of(line["phone"])
        good = proved.count(country, now, DAY)
        full = asked.count(country, now, DAY) - good >= max(20, 0.3 * good)
        found[line["id"]] = REFUSE if full else ALLOW
        if not full:
            asked.add(country, now)
            sent[line["id"]] = country
    return found


RULES = {"limits": limits, "budget": budget}
