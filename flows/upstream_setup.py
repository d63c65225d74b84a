"""Set up the providers that people can come from.

test      are the addresses and the client right? nobody has to sign in for it   -> the answer | refused
save      these values, with a button or without                                 -> done | refused, a problem a field
move_up   one place in the order of the buttons                                  -> done | refused
delete    forget it; accounts that have no other way in are counted first        -> done | refused
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows import change_settings, configurations
from flows.outcomes import Done, Refused
from flows.services import Services, TestAnswer
from flows.upstream import back_to, offer_of
from settings.console import write_document
from settings.fields import N_, Problem
from settings.upstreams import is_name, kind_of
from storage import upstream_identities

CONFIRM = "confirm"
MOST = 20  # of one kind


def names(services: Services) -> list[str]:
    """Those with a button in their order, those that are set up, and those that can be, one free name of a kind."""
    upstreams = services.settings().upstreams
    free = [_free(services, kind) for kind in services.upstreams]
    return [*dict.fromkeys([*upstreams.offered, *upstreams.configurations, *filter(None, free)])]


def _free(services: Services, kind: str) -> str:
    taken = services.settings().upstreams.configurations
    several = [f"{kind}-{number}" for number in range(2, MOST)] if services.upstreams[kind].several else []
    return next((name for name in [kind, *several] if name not in taken), "")


def is_known(services: Services, name: str) -> bool:
    return is_name(name, services.upstreams)


def title(services: Services, name: str) -> str:
    """As its button calls it; a source text where it has no name of its own."""
    return offer_of(services, name).title


def address_for(services: Services, name: str) -> str:
    """What its console must be told to send people back to."""
    return back_to(services, name)


def linked_accounts(services: Services, name: str) -> int:
    with services.database.read() as connection:
        return upstream_identities.count(connection, name)


def test(services: Services, name: str, typed: Mapping[str, Any]) -> TestAnswer | Refused:
    config, problems = _read(services, name, typed)
    if problems:
        return Refused("invalid", values={"problems": problems})
    return services.test_upstream(name, config)


def save(services: Services, author: str, name: str, typed: Mapping[str, Any], *, offered: bool) -> Done | Refused:
    config, problems = _read(services, name, typed)
    if problems:
        return Refused("invalid", values={"problems": problems})
    document = write_document(services.settings())
    group = document["upstreams"]
    group["configurations"][name] = config
    others = [each for each in group["offered"] if each != name]
    if not offered:
        group["offered"] = others
    elif name not in group["offered"]:
        group["offered"] = [*others, name]
    return _save(services, author, name, document, "saved")


def move_up(services: Services, author: str, name: str) -> Done | Refused:
    document = write_document(services.settings())
    offered = document["upstreams"]["offered"]
    place = offered.index(name) if name in offered else 0
    if place:
        offered[place - 1 : place + 1] = [name, offered[place - 1]]
    return _save(services, author, name, document, "moved")


def delete(services: Services, author: str, name: str, confirmation: str) -> Done | Refused:
    """Its accounts stay linked, and come in by it again once it is set up anew."""
    known = title(services, name)
    if confirmation.strip().casefold() != known.casefold():
        problem = Problem(N_("Type %(name)s to delete it."), {"name": known})
        return Refused("invalid", values={"problems": {CONFIRM: problem}})
    document = write_document(services.settings())
    group = document["upstreams"]
    group["configurations"].pop(name, None)
    group["offered"] = [each for each in group["offered"] if each != name]
    return _save(services, author, name, document, "deleted")


def _save(services: Services, author: str, name: str, document: dict[str, Any], what: str) -> Done | Refused:
    saved = change_settings.save(services, author, document, action=f"upstream.{name}.{what}")
    if not isinstance(saved, Refused):
        return saved
    return configurations.refused(saved, f"upstreams.configurations.{name}")


def _read(services: Services, name: str, typed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Problem]]:
    saved = services.settings().upstreams.configurations.get(name, {})
    return configurations.read(services, services.upstreams[kind_of(name)], saved, typed)
