"""Set up the providers that know of what kind a number is.

test     ask one about a number, with values that are not saved yet     -> what it knows | refused; counted like any
save     these values, to be asked or only kept                         -> done | refused, a problem a field
forget   its values                                                     -> done
used     what was asked for today, and what was told in 30 days
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flows import change_settings, configurations, look_ups
from flows.identifier import read_identifier
from flows.outcomes import Done, Refused
from flows.services import LookedUp, Services
from rules.refusals import RefusedError
from settings.console import write_document
from settings.fields import Problem
from settings.lookups import LINE
from storage import counters
from storage import look_ups as kept
from storage.accounts import PHONE

DAY = 86400
TEST_TO = "test_to"  # the field of the number to ask about


@dataclass(frozen=True)
class Used:
    """``today`` of ``most``; ``told``: how many numbers were found to be of each line; ``swapped``: with a SIM card
    that was changed lately."""

    today: int
    most: int
    told: Mapping[str, int]
    swapped: int


def test(services: Services, name: str, typed: Mapping[str, Any], number: str, country: str) -> LookedUp | Refused:
    config, problems = _read(services, name, typed)
    try:
        about = read_identifier(services, number, country, [PHONE])
    except RefusedError as error:
        return Refused(error.reason, values=error.values | {"problems": problems})
    if problems:
        return Refused("invalid", values={"problems": problems})
    if not look_ups.count(services, look_ups.most_a_day(services), services.clock()):
        return Refused("look_ups_spent", values={"problems": {}})
    return services.test_look_up(name, config, LINE, about.value)


def save(services: Services, author: str, name: str, typed: Mapping[str, Any], *, use: bool) -> Done | Refused:
    config, problems = _read(services, name, typed)
    if problems:
        return Refused("invalid", values={"problems": problems})
    document = write_document(services.settings())
    group = document["lookups"]
    group["configurations"][name] = config
    if use:
        group["active"] = name
    elif group["active"] == name:
        group["active"] = ""
    saved = change_settings.save(services, author, document, action=f"lookup.{name}.saved")
    if not isinstance(saved, Refused):
        return saved
    return configurations.refused(saved, f"lookups.configurations.{name}")


def forget(services: Services, author: str, name: str) -> Done | Refused:
    document = write_document(services.settings())
    group = document["lookups"]
    group["configurations"].pop(name, None)
    if group["active"] == name:
        group["active"] = ""
    return change_settings.save(services, author, document, action=f"lookup.{name}.deleted")


def used(services: Services) -> Used:
    now = services.clock()
    with services.database.read() as connection:
        today, _before = counters.read_period(connection, look_ups.COUNTER, DAY, now)
        counted = kept.count(connection, now - 30 * DAY)
    told: dict[str, int] = {}
    for (line, _swapped), times in counted.items():
        told[line] = told.get(line, 0) + times
    swapped = sum(times for (_line, was_swapped), times in counted.items() if was_swapped)
    return Used(today, look_ups.most_a_day(services), {line: told[line] for line in told if line}, swapped)


def _read(services: Services, name: str, typed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Problem]]:
    saved = services.settings().lookups.configurations.get(name, {})
    return configurations.read(services, services.lookups[name], saved, typed)
